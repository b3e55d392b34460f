// What becomes of a deployment's properties at a first start, at each later one, and after a reset; most of all of its secrets.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { deployedSettings } from '../../src/first-boot/deployment.ts';
import { readOvfEnvironment, withoutSecrets } from '../../src/first-boot/ovf-environment.ts';
import type { Source } from '../../src/first-boot/source.ts';
import { setUpDone } from '../../src/system/reset.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const password = 'correct > horse <battery>';
const escaped = 'correct > horse &lt;battery>';

const environmentOf = (properties: Readonly<Record<string, string>>): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"',
    '  xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">',
    '<PropertySection>',
    ...Object.entries(properties).map(([key, value]) => `<Property oe:key="${key}" oe:value="${value}"/>`),
    '</PropertySection></Environment>',
  ].join('\n');

/** What the guest is told; `text` is what it holds now. */
class Guest implements Source {
  text: string;
  constructor(text: string) {
    this.text = text;
  }
  find = (): string => this.text;
  kept = (): string => this.text;
  keep = (xml: string): void => {
    this.text = xml;
  };
}

const deployment = environmentOf({ hostname: 'keys', password: escaped });

test('the secrets of a deployment are kept until they are used, and the guest does not hold them any more', async (t) => {
  const directory = await temporaryDirectory(t);
  const guest = new Guest(deployment);
  t.deepEqual(deployedSettings(directory, guest), { values: { hostname: 'keys' }, problems: [] });
  t.deepEqual(JSON.parse(readFileSync(join(directory, 'first-set-up.json'), 'utf8')), { password });
  t.is(guest.text, environmentOf({ hostname: 'keys', password: '' }));
});

test('a secret that comes back with the power is taken out again, and changes nothing', async (t) => {
  const directory = await temporaryDirectory(t);
  writeFileSync(join(directory, 'settings.json'), '{"hostname":"mine"}');
  const guest = new Guest(deployment);
  t.deepEqual(deployedSettings(directory, guest), { values: { hostname: 'mine' }, problems: [] });
  t.is(guest.text, environmentOf({ hostname: 'keys', password: '' }));
  t.false(existsSync(join(directory, 'first-set-up.json')));
});

test('after a reset that kept the keys the password is not set again, and not left with the guest', async (t) => {
  const directory = await temporaryDirectory(t);
  writeFileSync(join(directory, setUpDone), '');
  const guest = new Guest(deployment);
  t.deepEqual(deployedSettings(directory, guest).values, { hostname: 'keys' });
  t.false(existsSync(join(directory, 'first-set-up.json')));
  t.is(readOvfEnvironment(guest.text).get('password'), '');
});

test('a deployment with a mistake is kept as it is, to be read again', async (t) => {
  const directory = await temporaryDirectory(t);
  const guest = new Guest(environmentOf({ hostname: '-', password: escaped }));
  const before = guest.text;
  t.is(deployedSettings(directory, guest).problems.length, 1);
  t.is(guest.text, before);
  t.false(existsSync(join(directory, 'settings.json')));
});

test('a guest that takes nothing stops no start', async (t) => {
  const directory = await temporaryDirectory(t);
  const guest = new Guest(deployment);
  guest.keep = () => {
    throw new Error('vmtoolsd ended with 1');
  };
  t.deepEqual(deployedSettings(directory, guest).problems, []);
});

const secretForms = [
  `<Property oe:key="password" oe:value="${escaped}"/>`,
  `<oe:Property oe:value='it says "x" > y' oe:key='password'></oe:Property>`,
  '<Property oe:key = "password"\n  oe:value = "planted"/>',
];
for (const [index, form] of secretForms.entries()) {
  test(`a secret is cut out however the property is written (${index + 1}), and its neighbours stay`, (t) => {
    const other = '<Property oe:key="hostname" oe:value="a &gt; b"/>';
    const wiped = withoutSecrets(environmentOf({}).replace('</PropertySection>', `${form}${other}</PropertySection>`), [
      'password',
    ]);
    const left = readOvfEnvironment(wiped);
    t.is(left.get('password'), '');
    t.is(left.get('hostname'), 'a > b');
    t.is(withoutSecrets(wiped, ['password']), wiped);
  });
}

test('an environment from which a secret cannot be cut out is given up whole', (t) => {
  const odd = deployment.replace('"password"', '"&#112;assword"');
  t.is(readOvfEnvironment(odd).get('password'), password);
  t.is(readOvfEnvironment(withoutSecrets(odd, ['password'])).size, 0);
  t.notRegex(withoutSecrets('<Environment', ['password']), /horse/);
});
