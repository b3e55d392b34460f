// The boot loader's environment block: what is written can be read, by GRUB's own rules, and changes one sector alone.

import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { environmentBytes, parseEnvironment, renderEnvironment } from '../../src/update/grub-environment.ts';

const word = fc.stringMatching(/^[a-z]{1,8}$/);

test('what is written is what is read', (t) => {
  fc.assert(
    fc.property(fc.dictionary(word, word, { maxKeys: 8 }), (variables) => {
      const block = renderEnvironment(variables);
      t.is(block.length, environmentBytes);
      t.deepEqual({ ...parseEnvironment(block) }, { ...variables });
      // A power cut in the middle leaves the old or the new first sector: the second is the same in all of them.
      t.true(block.subarray(512).equals(Buffer.alloc(512, '#')));
    }),
    { numRuns: 200 },
  );
});

test('the block that the build makes is read', (t) => {
  const text = '# GRUB Environment Block\nslot=a\n';
  t.deepEqual(parseEnvironment(Buffer.from(text.padEnd(1024, '#'))), { slot: 'a' });
});

for (const [what, block] of [
  ['too short', Buffer.from('# GRUB Environment Block\n')],
  ['without its first line', Buffer.alloc(1024, '#')],
] as const) {
  test(`a block that is ${what} is none`, (t) => {
    t.throws(() => parseEnvironment(block), { instanceOf: EdgeError, message: /environment block/ });
  });
}

test('variables that need a second sector are not written', (t) => {
  t.throws(() => renderEnvironment({ long: 'x'.repeat(500) }), { instanceOf: EdgeError });
});

test('the boot loader forgets a trial before it loads a kernel, and restarts after a panic', (t) => {
  const text = readFileSync('packer/grub.cfg', 'utf8');
  const [forgets, loads] = [text.indexOf('save_env trial'), text.indexOf('linux ')];
  t.true(forgets > 0 && forgets < loads);
  t.regex(text, /^ *linux .* \$\{words\} kmip-edge\.slot=\$\{this\} \$\{note\}/m);
  for (const words of [text, readFileSync('appliance/boot/kernel-words.cfg', 'utf8')]) {
    t.regex(words, /^set words="[^"]*\bpanic=\d+[^"]*\blockdown=integrity/m);
  }
});

test('a system on trial that cannot even be loaded gives way to the other slot, which is not on trial', (t) => {
  const configuration = readFileSync('packer/grub.cfg', 'utf8');
  const [, trial = ''] = /^if \[ -n "\$\{trial\}" \]; then\n([\s\S]*?)^fi$/m.exec(configuration) ?? [];
  const [, fallback = ''] = /^ {2}set fallback=(\d)$/m.exec(trial) ?? [];
  t.is(configuration.split('set fallback').length, 2);
  const entry = [...configuration.matchAll(/^menuentry [\s\S]*?^\}$/gm)][Number(fallback)]?.[0] ?? '';
  t.regex(entry, /the other slot/);
  t.notRegex(entry, /note|trial/);
});
