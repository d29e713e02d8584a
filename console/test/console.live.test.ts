import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { http, totp } from '../../tools/live/api.ts';
import { until } from '../../tools/live/process.ts';
import {
  closePersons,
  demandFits,
  fill,
  heading,
  openBrowser,
  openPerson,
  type Person,
  press,
  pressInDialog,
} from './browser.ts';
import { conductSteps } from './conduct-steps.ts';
import { step } from './step.ts';
import { model, openWorld, party, type World } from './world.ts';

/**
 * The console in a real browser against the real platform, in the order in which a newcomer meets it. Each test builds
 * on the one before: what is made in the pages is what the next pages show.
 */

let world: World;
let browser: Browser;
let founder: Person;
let admin: Person;
let engineer: Person;

/** What the tests learn on the way. */
const learnt = { otpauth: '', backupCode: '', agreement: '', codes: new Map<string, string>() };
const password = 'quiet harbour 7 lanterns';
const me = { name: 'Wang Fang', email: 'wang@platform.example' };
const colleague = { name: 'Chen Jie', email: 'chen@acme.example', password };

before(
  async () => {
    // One after the other: what is open when the next one fails is known to `after`, which closes it.
    browser = await openBrowser();
    world = await openWorld();
    const origin = world.platform.console;
    founder = await openPerson(browser, { origin });
    admin = await openPerson(browser, { origin });
    engineer = await openPerson(browser, { origin });
  },
  { timeout: 120_000 },
);
after(
  async () => {
    await closePersons();
    await browser?.close();
    await world?.close();
  },
  { timeout: 60_000 },
);

/** What the authenticator shows, now or in the next window: a code works once, and one window ahead is accepted. */
const codeOf = (ahead: 0 | 1): string => totp(learnt.otpauth, Date.now() + ahead * 30_000);
const rowsOf = (page: Page): Promise<number> => page.locator('[data-testid=board] [data-row]').count();

step('a set-up link makes the first administrator, once, and leaves the address bar', async () => {
  const link = world.platform.setupLink ?? '';
  const { page } = founder;
  await page.goto(link);
  await heading(page, 'Create the first administrator');
  assert.doesNotMatch(page.url(), /token/);
  await fill(page, { 'Your name': me.name, 'E-mail': me.email, Password: 'short', 'Password again': 'short' });
  await press(page, 'Create the account');
  await page.getByText('A password has at least 12 characters').waitFor();
  await fill(page, { Password: password, 'Password again': `${password}x` });
  await press(page, 'Create the account');
  await page.getByText('The two passwords differ').waitFor();
  await fill(page, { 'Password again': password });
  await press(page, 'Create the account');
  await page.getByText('The account is ready').waitFor();
  await page.goto(link);
  await fill(page, { 'Your name': 'Eve', 'E-mail': 'eve@example.org', Password: password, 'Password again': password });
  await press(page, 'Create the account');
  await page.getByText('auth/link-invalid').waitFor();
});

step('an administrator signs in and must set up a second factor; backup codes are shown once', async () => {
  const { page } = founder;
  await founder.goTo('/');
  await fill(page, { 'E-mail': me.email, Password: 'wrong wrong wrong' });
  await press(page, 'Sign in');
  await page.getByText('auth/failed').waitFor();
  await fill(page, { Password: password });
  await press(page, 'Sign in');
  await heading(page, 'Set up a second factor');
  await founder.goTo('/parties');
  await heading(page, 'Set up a second factor');
  await fill(page, { Password: password });
  await press(page, 'Continue');
  const secret = await page.locator('[data-secret]').getAttribute('data-secret');
  learnt.otpauth = `otpauth://totp/x?secret=${secret}`;
  await fill(page, { 'One-time code': '000000' });
  await press(page, 'Verify');
  await page.getByText('auth/failed').waitFor();
  await fill(page, { 'One-time code': codeOf(0) });
  await press(page, 'Verify');
  const codes = await page.locator('.code-block pre').innerText();
  learnt.backupCode = codes.split('\n')[0] ?? '';
  assert.ok(codes.split('\n').length >= 8);
  await press(page, 'I have kept them, open the console');
  await heading(page, 'Parties');
});

step('signing in elsewhere asks for a code: the authenticator and a backup code both do', async () => {
  await founder.page.getByRole('button', { name: /My account/ }).click();
  await founder.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(founder.page, 'Sign in');
  for (const [person, code] of [
    [founder, learnt.backupCode],
    [admin, codeOf(1)],
  ] as const) {
    const { page } = person;
    await person.goTo('/parties');
    await fill(page, { 'E-mail': me.email, Password: password });
    await press(page, 'Sign in');
    await heading(page, 'Enter your code');
    await fill(page, { 'One-time code': code });
    await press(page, 'Verify');
    await heading(page, 'Parties');
  }
  await founder.close();
});

step('the language switches at once, for the document and the component library too', async () => {
  const { page } = admin;
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await press(page, '切换为中文');
  await heading(page, '当事方');
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await page.title(), '当事方 · Pactgate');
  await page.getByRole('button', { name: '登记设备方' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await page.reload();
  await heading(page, '当事方');
  await press(page, 'Switch to English');
  await heading(page, 'Parties');
});

step('the keyboard reaches the content past the navigation', async () => {
  const { page } = admin;
  await page.reload();
  await heading(page, 'Parties');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  assert.ok(await skip.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
});

step('2.2 parties: a wrong check digit is named in the form; party and draft come into being', async () => {
  const { page } = admin;
  await press(page, "Set party A's particulars");
  await fill(page, {
    Name: '示例物联网平台有限公司',
    'Unified social credit code': '91310000M00010003B',
    Representative: '王芳',
    Address: '上海市浦东新区世纪大道 1 号',
    'Contact e-mail': me.email,
  });
  await pressInDialog(page, 'Save');
  await page.getByText('上海市浦东新区世纪大道 1 号').waitFor();
  await press(page, 'Register a device party');
  const wrong = `${party.uscc.slice(0, 17)}${party.uscc.endsWith('3') ? '4' : '3'}`;
  const common = { Representative: 'Zhang Wei', Address: '2 Harbour Road', 'Contact e-mail': 'b@acme.example' };
  await fill(page, { Id: party.id, Name: party.name, 'Unified social credit code': wrong, ...common });
  await page.getByText('The check digit does not fit').waitFor();
  await fill(page, { 'Unified social credit code': party.uscc });
  await page.getByText('The check digit fits').waitFor();
  await pressInDialog(page, 'Register a device party');
  await press(page, 'Draft the agreement');
  await page.getByLabel(/Values that differ/).fill('{"A3.1.3": {"evaluateEvery": 1}, "B2.1.1": {"evaluateEvery": 1}}');
  await pressInDialog(page, 'Draft the agreement');
  await heading(page, `Agreement with ${party.name}`);
  learnt.agreement = /\/a\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? '';
  assert.notEqual(learnt.agreement, '');
});

step('B signs what it hashed itself, A countersigns in the console: in force', async () => {
  const { page } = admin;
  await admin.goTo('/parties');
  await press(page, 'Invite');
  await pressInDialog(page, 'Make the link');
  const link = await page.getByRole('dialog').locator('.code-block pre').innerText();
  await pressInDialog(page, 'Done');
  await engineer.page.goto(link);
  await heading(engineer.page, 'Joining as a device party');
  assert.match(await engineer.page.locator('.code-block pre').innerText(), /pactgate party join --invite/);
  await world.join(link);
  world.startWitness();
  await admin.goTo(`/a/${learnt.agreement}/document`);
  await press(page, 'Countersign');
  await pressInDialog(page, 'Countersign');
  await page.getByText('The agreement is in force').waitFor();
  await page.locator('section', { hasText: 'Thumbprint of the key' }).locator('.step-holds').nth(1).waitFor();
  for (const [lang, word] of [
    ['zh', '协议'],
    ['en', 'Agreement'],
  ] as const) {
    const opened = admin.context.waitForEvent('page');
    await page.locator(`a[href*="lang=${lang}"]`).click();
    const text = await opened;
    await text.waitForLoadState();
    assert.ok((await text.locator('body').innerText()).includes(word));
    await text.close();
  }
});

step('a model is countersigned by the digest of the manifest that is shown', async () => {
  const { page } = admin;
  await world.putModel(learnt.agreement);
  await admin.goTo(`/a/${learnt.agreement}/models/${model.id}`);
  await press(page, 'Countersign and activate');
  await pressInDialog(page, 'Countersign and activate');
  await page.getByText('manifest countersigned').first().waitFor();
});

step('A3.1.2 an engineer of B joins by link and sees no page of A', async () => {
  const client = await world.partyClient();
  const { link } = await client.call('invitePerson', { body: { role: 'b.engineer', email: colleague.email } });
  const { page } = engineer;
  await page.goto(link);
  await heading(page, 'Accept the invitation');
  await fill(page, { 'Your name': colleague.name, Password: password, 'Password again': password });
  await press(page, 'Create the account');
  await heading(page, 'Sign in');
  await fill(page, { 'E-mail': colleague.email, Password: password });
  await press(page, 'Sign in');
  await heading(page, `Agreement with ${party.name}`);
  const links = await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link').allInnerTexts();
  assert.deepEqual(links, ['Clause board', 'Devices', 'Models', 'Incidents', 'Ledger', 'Access policy']);
  for (const path of ['/parties', '/people', '/events']) {
    await engineer.goTo(path);
    await page.getByText('auth/forbidden').waitFor();
  }
  await engineer.goTo('/a/01890a5d-ac96-774b-bcce-b302099a8057');
  await page.getByText('request/not-found').waitFor();
  await engineer.goTo('/policy');
  await heading(page, 'Access policy');
  assert.equal(await page.getByRole('button', { name: 'Edit' }).count(), 0);
});

step('the engineer registers devices; their codes are shown once and bring them in', async () => {
  const { page } = engineer;
  await engineer.goTo(`/a/${learnt.agreement}/devices`);
  await press(page, 'Register devices');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').click();
  await page.locator('.ant-select-item-option', { hasText: model.id }).click();
  await dialog.getByLabel('Device ids').fill('pump-1\npump 2/3');
  await pressInDialog(page, /^Register/);
  await page.getByText('Line 2 is no valid id: 2/3').waitFor();
  await dialog.getByLabel('Device ids').fill('pump-1\npump-2');
  await pressInDialog(page, 'Register 2 devices');
  await page.getByText('One-time enrolment codes').waitFor();
  for (const line of await dialog.locator('tbody tr[data-row-key]').all()) {
    const [id = '', code = ''] = await line.locator('td').allInnerTexts();
    learnt.codes.set(id.trim(), code.trim());
  }
  await pressInDialog(page, 'Done');
  assert.deepEqual([...learnt.codes.keys()], ['pump-1', 'pump-2']);
  await world.startFleet(learnt.codes);
  await page.getByText('2 devices, 2 online').waitFor();
});

step('the device page draws what the device sends and marks what is masked for the role', async () => {
  const { page } = engineer;
  await engineer.goTo(`/a/${learnt.agreement}/devices/pump-1?tab=data`);
  await page.locator('.chart canvas').first().waitFor();
  await page.locator('tbody tr[data-row-key]').nth(2).waitFor();
  await admin.goTo(`/a/${learnt.agreement}/devices/pump-1?tab=data`);
  await admin.page.getByText('Masked for your role: /site').waitFor();
  await engineer.goTo(`/a/${learnt.agreement}/devices/pump-1?tab=connect`);
  await page.getByText('-----BEGIN CERTIFICATE-----').waitFor();
  for (const tool of ['curl', 'mosquitto_pub', 'MQTT.js'])
    await page.getByText(tool, { exact: true }).first().waitFor();
});

step('A3.6.2 isolating from the page cuts the device, releasing brings it back', async () => {
  const { page } = admin;
  await admin.goTo(`/a/${learnt.agreement}/devices/pump-2`);
  await page.locator('.page-title').getByText('online').waitFor();
  const order = async (level: RegExp): Promise<void> => {
    await press(page, 'Isolate or release…');
    await page.getByRole('radio', { name: level }).check();
    await page.getByLabel('Reason').fill('console test: suspicion');
    await pressInDialog(page, 'Give the order');
  };
  await order(/^4 · blocked/);
  await page.getByText(/Level 4 is in force; 1 connections cut/).waitFor();
  await page.locator('.page-title').getByText('offline').waitFor();
  await page.getByText('console test: suspicion').waitFor();
  await page.getByRole('tab', { name: /Refusals/ }).click();
  const refusal = page.locator('[data-code="device/isolated"]').first();
  await refusal.waitFor();
  await refusal.getByText('Next step').waitFor();
  await order(/^0 · normal/);
  await page.getByText(/Level 0 is in force/).waitFor();
  await page.locator('.page-title').getByText('online').waitFor({ timeout: 30_000 });
  assert.equal(await engineer.page.getByRole('button', { name: 'Isolate or release…' }).count(), 0);
});

step('the board shows both parties in both languages, and what is not implemented apart', async () => {
  const { page } = admin;
  await admin.goTo(`/a/${learnt.agreement}`);
  await page.locator('[data-row="B2.1.1"]').waitFor();
  const judged = await rowsOf(page);
  const later = await page.locator('#later li').count();
  assert.equal(judged + later, 60);
  const statuses = await page
    .locator('[data-row]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-status')));
  assert.ok(!statuses.includes('not-implemented'));
  await page.locator('.ant-segmented').getByText('A · platform').click();
  const ofA = await page.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row')));
  assert.ok(ofA.length > 0 && ofA.every((row) => row?.startsWith('A')));
  await press(page, 'Show as a table');
  assert.equal(await page.locator('.count-table tbody tr').count(), 12);
  await press(page, '切换为中文');
  await page.getByText('尚未自动评定的义务').waitFor();
  assert.match(await page.locator('[data-row="A3.1.3"]').innerText(), /[\u4e00-\u9fff]{4}/);
  await press(page, 'Switch to English');
  await page.getByRole('link', { name: 'Details of A3.1.3' }).click();
  await page.getByRole('dialog').getByText('Evidence it needs').waitFor();
  assert.match(page.url(), /duty=A3\.1\.3/);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});

step('A3.4.6 a record is verified in the browser; a body changed on the way is found', async () => {
  const { page } = engineer;
  await engineer.goTo('/ledger');
  await page.getByRole('link', { name: /^Log of an agreement/ }).click();
  await page
    .getByRole('link', { name: 'Record 3', exact: true })
    .or(page.getByRole('link', { name: /^Record \d+$/ }))
    .first()
    .click();
  await heading(page, /^Record \d+$/);
  const verdict = page.getByTestId('verdict');
  const verify = async (): Promise<string | null> => {
    await press(page, /^Verify (this record|again)$/);
    await verdict.waitFor();
    return verdict.getAttribute('data-result');
  };
  // The witness cosigns each second: the newest checkpoint may be ahead of it for a moment.
  const result = await until(async () => ((await verify()) === 'holds' ? 'holds' : undefined), { within: 30_000 });
  assert.equal(result, 'holds', await verdict.innerText());
  await page.route('**/api/v1/logs/*/records/*', async (route) => {
    const answer = await route.fetch();
    const record = (await answer.json()) as { body: object };
    await route.fulfill({ response: answer, json: { ...record, body: { ...record.body, planted: 1 } } });
  });
  await page.reload();
  await verify();
  assert.equal(await verdict.getAttribute('data-result'), 'fails');
  assert.equal(await verdict.locator('[data-step=body]').getAttribute('data-state'), 'fails');
  await page.unroute('**/api/v1/logs/*/records/*');
});

step('an API token is shown once, works, and is dead when revoked', async () => {
  const { page } = engineer;
  await engineer.goTo('/account');
  await press(page, 'Create a token');
  await page.getByLabel('What it is for').fill('nightly export');
  await pressInDialog(page, 'Create a token');
  const secret = await page.getByRole('dialog').locator('.code-block pre').innerText();
  await pressInDialog(page, 'Done');
  const ask = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${secret.trim()}` };
    return (await http(world.server, { method: 'GET', path: '/api/v1/me', headers })).status;
  };
  assert.equal(await ask(), 200);
  await press(page, 'Revoke');
  await pressInDialog(page, 'Revoke');
  await page.getByText('No tokens').waitFor();
  assert.equal(await ask(), 401);
});

conductSteps(() => ({
  world,
  admin,
  engineer,
  agreement: learnt.agreement,
  colleague,
  open: () => openPerson(browser, { origin: world.platform.console }),
}));

step('no page is wider than a small screen', async () => {
  const small = await openPerson(browser, {
    origin: world.platform.console,
    locale: 'zh-CN',
    width: 390,
    height: 844,
  });
  await small.goTo('/');
  await demandFits(small.page);
  await fill(small.page, { 邮箱: colleague.email, 密码: colleague.password });
  await press(small.page, '登录');
  await heading(small.page, `与 ${party.name} 的协议`);
  const base = `/a/${learnt.agreement}`;
  const pages = [base, `${base}/document`, `${base}/devices`, `${base}/devices/pump-1?tab=data`, '/ledger', '/account'];
  for (const path of [...pages, `${base}/models/${model.id}`]) {
    await small.goTo(path);
    await small.page.getByRole('heading', { level: 1 }).waitFor();
    await demandFits(small.page);
  }
  await press(small.page, '打开导航');
  await small.page.getByRole('dialog').getByRole('link', { name: '安全事件' }).click();
  await heading(small.page, '安全事件');
  // The longest words of the board are English.
  await press(small.page, 'Switch to English');
  await small.goTo(base);
  await small.page.locator('.tile').first().waitFor();
  await demandFits(small.page);
  assert.deepEqual(small.complaints, []);
  await small.close();
});

step('the content policy allows no inline script, and no page breaks it', async () => {
  const page = await http(world.server, { method: 'GET', path: '/', headers: { accept: 'text/html' } });
  assert.doesNotMatch(page.body.toString('utf8'), /<script(?![^>]* src=)[^>]*>|\son[a-z]+=/);
  assert.deepEqual(founder.complaints, []);
  assert.deepEqual(admin.complaints, []);
  assert.deepEqual(engineer.complaints, []);
});

step('signing out ends what the page shows', async () => {
  const { page } = engineer;
  await engineer.goTo(`/a/${learnt.agreement}/devices`);
  await page.getByText('2 devices').waitFor();
  await page.getByRole('button', { name: /My account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(page, 'Sign in');
  await page.goBack();
  await heading(page, 'Sign in');
  assert.equal(await page.getByText('pump-1').count(), 0);
});
