/** Buckets and their configurations on the page. */
import { expect, it } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { CHROMIUM, withConsole } from '../support/browser.ts';
import { startReplacedEmulator } from '../support/replaced-emulator.ts';
import { putConfiguration, putText, signedRequest } from './support.ts';

const LIFECYCLE = `<LifecycleConfiguration>
  <Rule>
    <ID>logs</ID><Prefix>logs/</Prefix><Status>Enabled</Status>
    <Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan><Not><Prefix>logs/kept/</Prefix></Not></Filter>
    <Transition><CreatedBeforeDate>2024-01-01T00:00:00.000Z</CreatedBeforeDate><StorageClass>IA</StorageClass></Transition>
    <NoncurrentVersionTransition><NoncurrentDays>5</NoncurrentDays><StorageClass>Archive</StorageClass></NoncurrentVersionTransition>
  </Rule>
  <Rule>
    <ID>tagged</ID><Prefix>t/</Prefix><Status>Enabled</Status><Tag><Key>k</Key><Value>v</Value></Tag>
    <Expiration><Days>9</Days></Expiration>
  </Rule>
</LifecycleConfiguration>`;

const CORS = `<CORSConfiguration><CORSRule><AllowedOrigin>https://example.com</AllowedOrigin>
<AllowedMethod>GET</AllowedMethod><AllowedHeader>x-a</AllowedHeader><AllowedHeader>x-b</AllowedHeader>
<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>`;

/** Without the blanks between elements. */
async function configuration(endpoint: string, name: string): Promise<string> {
  const { text } = await signedRequest(endpoint, { bucket: 'examplebucket', query: { [name]: '' } });
  return text.replace(/>\s+</g, '><').replace(/^<\?xml[^>]*>\s*/, '');
}

describeWith([CHROMIUM], 'buckets on the page', () => {
  const openConsole = withConsole();

  it('are created and deleted, and have an ACL', async () => {
    const { endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/buckets');
    await page.getByRole('heading', { name: 'examplebucket' }).waitFor();
    await page.getByRole('button', { name: 'New bucket' }).click();
    const dialog = page.getByRole('dialog', { name: 'New bucket' });
    await dialog.getByLabel('Name').fill('examplebucket');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').getByText('There is a bucket examplebucket already.').waitFor();
    await dialog.getByLabel('Name').fill('made-here');
    await dialog.getByLabel('ACL').selectOption('public-read');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'made-here' }).waitFor();
    await expect.poll(() => page.url()).toContain('#/buckets/made-here');
    const grant = async () => (await signedRequest(endpoint, { bucket: 'made-here', query: { acl: '' } })).text;
    expect(await grant()).toContain('<Grant>public-read</Grant>');

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('ACL').selectOption('private');
    await page.getByText('Every request needs a signature.').waitFor();
    expect(await grant()).toContain('<Grant>private</Grant>');
    await page.getByRole('button', { name: 'Enable versioning' }).click();
    await page.getByText('Versioning is enabled.').waitFor();

    await putText(endpoint, 'made-here', 'a.txt', 'x');
    await page.getByText(/: 1 object of 1 B, 0 channels/).waitFor();
    await page.getByRole('button', { name: 'Delete the bucket …' }).click();
    const deletion = page.getByRole('dialog', { name: 'Delete made-here' });
    await deletion.getByText('It has 1 object of 1 B').waitFor();
    await deletion.getByRole('button', { name: 'Delete the bucket' }).click();
    await deletion
      .getByRole('alert')
      .getByText(/^BucketNotEmpty: /)
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('keep what the form of a lifecycle rule does not show', async () => {
    const { endpoint } = await startTestEmulator();
    await putConfiguration(endpoint, 'examplebucket', 'lifecycle', LIFECYCLE);
    const before = await configuration(endpoint, 'lifecycle');
    const { page, errors } = await openConsole(endpoint, '#/buckets/examplebucket?view=lifecycle');
    await page.getByText('Also has Filter, NoncurrentVersionTransition, CreatedBeforeDate.').waitFor();
    await page.getByRole('button', { name: 'Edit logs' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit logs' });
    await dialog.getByLabel('To Archive').fill('60');
    await dialog.getByLabel('Delete', { exact: true }).fill('400');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/^InvalidArgument: |^InvalidRequest: |^MalformedXML: /)
      .waitFor();
    expect(await configuration(endpoint, 'lifecycle')).toBe(before);

    // A date and days do not go together in one rule.
    await dialog.getByLabel('To IA').fill('30');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('logs/*: IA after 30 days, Archive after 60 days, deleted after 400 days.').waitFor();
    const after = await configuration(endpoint, 'lifecycle');
    expect(after).toContain('<Not><Prefix>logs/kept/</Prefix></Not>');
    expect(after).toContain('<NoncurrentDays>5</NoncurrentDays><StorageClass>Archive</StorageClass>');
    expect(after).toContain('<Transition><Days>30</Days><StorageClass>IA</StorageClass></Transition>');
    expect(after.slice(after.indexOf('<Rule><ID>tagged'))).toBe(before.slice(before.indexOf('<Rule><ID>tagged')));

    await page.getByRole('button', { name: 'Add a rule' }).click();
    const fresh = page.getByRole('dialog', { name: 'New rule' });
    await fresh.getByLabel('Keys that begin with').fill('tmp/');
    await fresh.getByLabel('Abort uploads').fill('7');
    await fresh.getByRole('button', { name: 'Save' }).click();
    await page.getByText('tmp/*: unfinished uploads aborted after 7 days.').waitFor();
    for (const name of [/^Remove logs/, /^Remove tagged/, /^Remove /]) {
      const count = await page.getByRole('button', { name: /^Remove / }).count();
      await page.getByRole('button', { name }).first().click();
      await expect.poll(() => page.getByRole('button', { name: /^Remove / }).count()).toBe(count - 1);
    }
    expect(await configuration(endpoint, 'lifecycle')).toContain('<Code>NoSuchLifecycle</Code>');
    expect(errors).toEqual([]);
  });

  it('have CORS rules, of which the form keeps the rest', async () => {
    const { endpoint } = await startTestEmulator();
    await putConfiguration(endpoint, 'examplebucket', 'cors', CORS);
    const { page, errors } = await openConsole(endpoint, '#/buckets/examplebucket?view=cors');
    await page.getByRole('button', { name: 'Edit https://example.com' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Origins').fill('https://a.example\nhttps://*.b.example\n');
    await dialog.getByRole('checkbox', { name: 'PUT' }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('GET, PUT; headers x-a, x-b; for 600 s').waitFor();
    const stored = await configuration(endpoint, 'cors');
    expect(stored).toContain('<AllowedOrigin>https://a.example</AllowedOrigin><AllowedOrigin>https://*.b.example<');
    expect(stored).toContain('<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>');
    expect(stored).toContain('<AllowedHeader>x-a</AllowedHeader><AllowedHeader>x-b</AllowedHeader>');
    expect(stored).toContain('<ResponseVary>true</ResponseVary>');

    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByRole('dialog').getByLabel('Origins').fill('*.*');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .getByText(/^MalformedXML: /)
      .waitFor();
    expect(await configuration(endpoint, 'cors')).toBe(stored);
    expect(errors).toEqual([]);
  });

  it.each([
    { view: '', button: 'New bucket', title: 'New bucket', field: 'Name', typed: 'typed-here' },
    { view: '?view=cors', button: 'Add a rule', title: 'New rule', field: 'Origins', typed: 'https://typed.example' },
    { view: '?view=lifecycle', button: 'Add a rule', title: 'New rule', field: 'Keys that begin with', typed: 'a/' },
  ])('keep what was typed into a dialog when the emulator is started anew: $field', async (form) => {
    const { view, button, title, field, typed } = form;
    const { endpoint, stop, startAnew } = await startReplacedEmulator();
    const { page, errors } = await openConsole(endpoint, `#/buckets/examplebucket${view}`);
    const dialog = page.getByRole('dialog', { name: title });
    const open = () => page.getByRole('button', { name: button }).first().click();
    await open();
    await dialog.getByLabel(field).fill(typed);
    // Of another number than at the beginning.
    const boxes = dialog.getByRole('checkbox');
    const isChecked = async () => Promise.all((await boxes.all()).map((box) => box.isChecked()));
    for (const box of await boxes.all()) if (!(await box.isChecked())) await box.check();
    const checked = await isChecked();
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
    await startAnew();
    await page.getByRole('status').getByText('What was typed into forms is still there.').waitFor();
    await open();
    expect(await dialog.getByLabel(field).inputValue()).toBe(typed);
    expect(await isChecked()).toEqual(checked);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await open();
    expect(await dialog.getByLabel(field).inputValue()).not.toBe(typed);
    expect(errors).toEqual([]);
  });

  it('of which another page has changed the rules meanwhile keep what it stored', async () => {
    const { endpoint } = await startTestEmulator();
    await putConfiguration(endpoint, 'examplebucket', 'cors', CORS);
    const { page } = await openConsole(endpoint, '#/buckets/examplebucket?view=cors');
    await page.getByRole('button', { name: 'Edit https://example.com' }).click();
    await page.getByLabel('Origins').fill('https://mine.example');
    await putConfiguration(endpoint, 'examplebucket', 'cors', CORS.replace('600', '7'));
    await page.getByText('for 7 s').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('The rules were changed elsewhere meanwhile.').waitFor();
    const stored = await configuration(endpoint, 'cors');
    expect(stored).toContain('<MaxAgeSeconds>7</MaxAgeSeconds>');
    expect(stored).not.toContain('mine.example');
  });
});
