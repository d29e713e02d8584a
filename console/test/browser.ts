import assert from 'node:assert/strict';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { openMachine } from './machine.ts';

/** Debian's Chromium without anything that would reach for the network. */
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: flags, timeout: 30_000 });

/** A person at a browser of their own. */
export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: errors of scripts and of the content policy. Refused requests are not among it. */
  readonly complaints: string[];
  goTo(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface PersonOptions {
  readonly origin: string;
  readonly locale?: 'en-GB' | 'zh-CN';
  readonly width?: number;
  readonly height?: number;
}

/** The limit of every wait in the browser, in milliseconds. */
const patience = 15_000;
/** Each person has an address of their own, from here on. */
let machines = 0;
const open = new Set<Person>();

/** Closes every person's browser and machine. */
export async function closePersons(): Promise<void> {
  for (const person of open) await person.close();
}

/** What every person has before their eyes, for the report of a step that failed. */
export async function whatIsSeen(): Promise<string> {
  const seen = await Promise.all(
    [...open].map(({ page }) => seenOn(page).catch((cause: unknown) => `gone: ${String(cause)}`)),
  );
  return seen.join('\n');
}

async function seenOn(page: Page): Promise<string> {
  const text = await page.locator('body').innerText({ timeout: 2_000 });
  return `--- ${page.url()}\n${text.slice(0, 4_000)}`;
}

export async function openPerson(browser: Browser, options: PersonOptions): Promise<Person> {
  const { origin, locale = 'en-GB', width = 1440, height = 900 } = options;
  // The certificate is the platform's own: the tests of the command line check it, this one looks at pages.
  machines += 1;
  const machine = await openMachine(`127.0.80.${machines}`);
  const proxy = { server: machine.proxy, bypass: '<-loopback>' };
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale,
    viewport: { width, height },
    proxy,
    // A dialog that still grows moves its buttons away from under the pointer.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    const refused = text.startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) complaints.push(text);
  });
  const close = async (): Promise<void> => {
    open.delete(person);
    await context.close();
    await machine.close();
  };
  const person: Person = {
    page,
    context,
    complaints,
    goTo: async (path) => {
      await page.goto(new URL(path, origin).href);
    },
    close,
  };
  open.add(person);
  return person;
}

/** Fills the text fields of a form by their labels. */
export async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  const text = page.locator('input:not([type=radio]):not([type=checkbox]), textarea');
  for (const [label, value] of Object.entries(values))
    await page.getByLabel(label, { exact: true }).and(text).fill(value);
}

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click();

/** The button of the dialog that is open. */
export const pressInDialog = (page: Page, name: string | RegExp): Promise<void> =>
  page
    .getByRole('dialog')
    .last()
    .getByRole('button', { name, exact: typeof name === 'string' })
    .click();

export const heading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { name, level: 1 }).waitFor();

/** No page may be wider than the screen: what is wide scrolls inside its own frame. */
export async function demandFits(page: Page): Promise<void> {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  assert.ok(wide <= screen, `${page.url()} is ${wide} wide on a screen of ${screen}`);
}
