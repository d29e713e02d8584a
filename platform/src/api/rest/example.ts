import type { CompiledChannel, CompiledField } from '../../duties/data/index.ts';

const utf8 = new TextDecoder();

/** A whole number near the low end of what a numeric field accepts: 0 where it does. */
function numberOf({ min, max }: CompiledField): number {
  if (min <= 0 && max >= 0) return 0;
  const low = Number.isFinite(min) ? min : max;
  const whole = Math.ceil(low);
  return whole <= max ? whole : low;
}

function valueOf(field: CompiledField): unknown {
  switch (field.type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return numberOf(field);
    case 'string':
      return 'x';
    case 'enum':
      return utf8.decode(field.values?.first?.bytes ?? new Uint8Array());
    case 'time':
      return '2026-01-01T00:00:00Z';
    case 'geo':
      return [0, 0];
    case 'bytes':
      return 'AA==';
  }
}

type Tree = Map<string, unknown>;

/** Objects of a tree, as JSON: a Map takes any name of party B's, `__proto__` included. */
function jsonOf(tree: Tree): string {
  const members = [...tree].map(
    ([name, value]) => `${JSON.stringify(name)}:${value instanceof Map ? jsonOf(value) : JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}

function put(tree: Tree, path: string, value: unknown): void {
  const names = path
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at = tree;
  for (const name of names.slice(0, -1)) {
    const known = at.get(name);
    const next: Tree = known instanceof Map ? known : new Map();
    at.set(name, next);
    at = next;
  }
  at.set(names.at(-1) ?? '', value);
}

/** The smallest JSON message that a channel accepts: its required fields, else its first one. */
export function exampleOf({ required, fields }: Pick<CompiledChannel, 'required' | 'fields'>): string {
  const tree: Tree = new Map();
  for (const field of required.length > 0 ? required : fields.slice(0, 1)) put(tree, field.path, valueOf(field));
  return jsonOf(tree);
}
