import type { ReactElement } from 'react';

/** Drawings of our own on a 24 by 24 grid, one stroke; decoration only, so hidden from assistive tools. */
const drawings = {
  agreement: 'M7 3h8l4 4v14H7zM15 3v4h4M10 12h6M10 16h6',
  alert: 'M12 3 2.5 20h19zM12 10v4M12 17v.01',
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checkCircle: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.2l2.8 2.8L16 9.8',
  chevron: 'M9 5l7 7-7 7',
  chip: 'M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V12l3 2',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  cross: 'M6 6l12 12M18 6L6 18',
  crossOctagon: 'M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM9 9l6 6M15 9l-6 6',
  dashed: 'M4 8V4h4M11 4h2M16 4h4v4M20 11v2M20 16v4h-4M13 20h-2M8 20H4v-4M4 13v-2',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M4 20h16',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  eyeOff:
    'M4 4l16 16M9.9 6.2A9.6 9.6 0 0 1 12 6c6 0 9 6 9 6a15 15 0 0 1-2.6 3.3M6.3 7.8A14.5 14.5 0 0 0 3 12s3 6 9 6a9 9 0 0 0 3.6-.7M10 10.2a2.7 2.7 0 0 0 3.8 3.8',
  gauge: 'M4 18a9 9 0 1 1 16 0M12 14l4-5',
  incident: 'M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6zM12 8v5M12 16v.01',
  ledger: 'M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6M9 11.5h6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  menu: 'M4 7h16M4 12h16M4 17h16',
  minus: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12h8',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  parties: 'M4 20V9l8-5 8 5v11M9 20v-6h6v6M3 20h18',
  pause: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M10 9v6M14 9v6',
  people:
    'M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M3 20c0-3.5 2.5-6 6-6s6 2.5 6 6M16 5.5a3 3 0 0 1 0 5.4M17.5 14.5c2 .8 3.5 2.8 3.5 5.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 21c0-4 3-7 7.5-7s7.5 3 7.5 7',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  plus: 'M12 5v14M5 12h14',
  policy: 'M5 4h14v16H5zM8 9l2 2 3.5-3.5M8 15.5h8',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  question: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.6 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.9-1.2 1.7M12 16.5v.01',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5',
  shield: 'M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6zM8.5 12l2.5 2.5L15.5 10',
  stream: 'M3 12h4l3-7 4 14 3-7h4',
} as const;
export type IconName = keyof typeof drawings;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={drawings[name]} />
    </svg>
  );
}

/** The mark of the product: two posts, two rails, one seal. */
export function Mark({ size = 26 }: { readonly size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b5c4a" />
      <path d="M9 8v16M23 8v16M9 12h14M9 20h14" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="16" cy="16" r="3" fill="#f2c14e" />
    </svg>
  );
}
