import assert from 'node:assert/strict';
import { totp } from '../../tools/live/api.ts';
import { fill, heading, type Person, press, pressInDialog } from './browser.ts';
import { step } from './step.ts';
import { model, type World } from './world.ts';

/** What the story has so far; read when a step runs. */
export interface Stage {
  readonly world: World;
  readonly admin: Person;
  readonly engineer: Person;
  readonly agreement: string;
  /** Somebody at a browser of their own. */
  readonly open: () => Promise<Person>;
  readonly colleague: { readonly email: string; password: string };
}

async function incident({ world, admin, engineer, agreement }: Stage): Promise<void> {
  const { page } = admin;
  await world.fleet().device('pump-1').report('tamper', 'high');
  await admin.goTo(`/a/${agreement}/incidents`);
  await page.getByRole('link', { name: 'Physical tampering' }).click();
  await heading(page, 'Physical tampering on pump-1');
  for (const name of ['Confirm', 'Mark as contained', 'Close']) {
    await page.getByLabel('Note').fill(`console test: ${name}`);
    await press(page, name);
    await page.getByRole('list').getByText(`console test: ${name}`).waitFor();
  }
  await page.getByText('This incident is closed.').waitFor();
  await engineer.page.goto(page.url());
  await engineer.page.getByText('console test: Confirm').waitFor();
  assert.equal(await engineer.page.getByLabel('Note').count(), 0);
}

async function policy({ admin, open }: Stage): Promise<void> {
  await admin.goTo('/people');
  await press(admin.page, 'Invite a person');
  await admin.page.getByRole('dialog').getByRole('combobox').click();
  await admin.page.locator('.ant-select-item-option', { hasText: 'security officer' }).click();
  await pressInDialog(admin.page, 'Make the link');
  const link = await admin.page.getByRole('dialog').locator('.code-block pre').innerText();
  await pressInDialog(admin.page, 'Done');
  const officer = await open();
  const { page } = officer;
  await page.goto(link);
  const password = 'lanterns over 10 harbours';
  const email = 'security@platform.example';
  await fill(page, { 'Your name': 'Zhao Min', 'E-mail': email, Password: password, 'Password again': password });
  await press(page, 'Create the account');
  await heading(page, 'Sign in');
  await fill(page, { 'E-mail': email, Password: password });
  await press(page, 'Sign in');
  await heading(page, 'Set up a second factor');
  await fill(page, { Password: password });
  await press(page, 'Continue');
  const secret = (await page.locator('[data-secret]').getAttribute('data-secret')) ?? '';
  await fill(page, { 'One-time code': totp(`otpauth://totp/x?secret=${secret}`, Date.now()) });
  await press(page, 'Verify');
  await press(page, 'I have kept them, open the console');
  await officer.goTo('/policy');
  const publish = async (text: string): Promise<void> => {
    await page.getByLabel('Id of the policy').last().fill('no-high-events-from-b');
    await page
      .getByLabel(/^Policies/)
      .last()
      .fill(text);
    await press(page, 'Publish a new version');
    await pressInDialog(page, 'Publish a new version');
  };
  await press(page, 'Edit');
  await press(page, 'Add a policy');
  await publish('forbid (principal, action, resource) when { principal.wings == 2 };');
  await page.getByText('policy/invalid').waitFor();
  await publish('forbid (principal, action, resource) when { principal.riskBand > 1000 };');
  await page.getByText(/Version \d+ is in force; 2 sessions decided anew/).waitFor();
  await page.getByText('no-high-events-from-b').first().waitFor();
  await officer.close();
}

async function revocation({ admin, agreement }: Stage): Promise<void> {
  const { page } = admin;
  await admin.goTo(`/a/${agreement}/devices/pump-2`);
  await page.locator('.page-title').getByText('online').waitFor();
  await press(page, 'Show more');
  await page.getByRole('menuitem', { name: 'Revoke certificates…' }).click();
  await page.getByLabel('Reason').fill('console test: key on the internet');
  await pressInDialog(page, 'Revoke');
  await page.getByText('1 certificates revoked, 1 connections cut').waitFor();
  await page.locator('.page-title').getByText('offline').waitFor();
  await page.getByRole('tab', { name: /Refusals/ }).click();
  await page.locator('[data-code="channel/certificate-revoked"]').first().waitFor();
}

async function modelFiles({ world, engineer, agreement }: Stage): Promise<void> {
  const { page } = engineer;
  await engineer.goTo(`/a/${agreement}/models/${model.id}`);
  await press(page, 'Submit model files');
  const dialog = page.getByRole('dialog');
  const inputs = dialog.locator('input[type=file]');
  await inputs.first().setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a":') });
  await dialog.getByRole('status').getByText('JSON').waitFor();
  await inputs.last().setInputFiles({
    name: 'sbom.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(world.sbom())),
  });
  await pressInDialog(page, 'Submit model files');
  await page.getByText('Submitted').waitFor();
}

async function ownAccess({ world, engineer, colleague }: Stage): Promise<void> {
  const { page } = engineer;
  await engineer.goTo('/account');
  await press(page, 'Change the password');
  const second = 'second lanterns 8 harbour';
  await fill(page, { 'Current password': 'wrong wrong wrong', 'New password': second, 'Password again': second });
  await pressInDialog(page, 'Change the password');
  await page.getByText('auth/failed').waitFor();
  await fill(page, { 'Current password': colleague.password });
  await pressInDialog(page, 'Change the password');
  await page.getByText('The password is changed').waitFor();
  colleague.password = second;
  const client = await world.partyClient();
  const { items } = await client.call('people', {});
  const person = items.find(({ email }) => email === colleague.email)?.id ?? '';
  const { link } = await client.call('recoverPerson', { params: { person } });
  await page.goto(link);
  await heading(page, 'Recover access');
  const third = 'third harbour of 9 lanterns';
  await fill(page, { Password: third, 'Password again': third });
  await press(page, 'Set the password');
  await page.getByText('Your password is changed. Sign in.').waitFor();
  await page.goto(link);
  await page.getByText('This link was used, has expired, or never existed').waitFor();
  colleague.password = third;
  await engineer.goTo('/');
  await fill(page, { 'E-mail': colleague.email, Password: third });
  await press(page, 'Sign in');
  await heading(page, /^Agreement with/);
}

/** What people do in the console after devices work: incidents, policy, revocation, new model files, their own access. */
export function conductSteps(stage: () => Stage): void {
  step('B2.6.2 a report opens an incident; A takes it step by step to its end, B reads it', () => incident(stage()));
  step(
    'A3.1.3 the security officer publishes policies: one that does not validate is refused, a good one in force at once',
    () => policy(stage()),
  );
  step('B2.2.5 revoking from the page ends the connection for good', () => revocation(stage()));
  step('B2.4.2 B hands in new files of a model from the page; a file that is none is refused there', () =>
    modelFiles(stage()),
  );
  step('a person changes the password, and gets back in by a link that another administrator made', () =>
    ownAccess(stage()),
  );
}
