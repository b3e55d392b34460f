// The lines of a stream of bytes, each without its end. Only a line feed ends a line: whatever else some readers take for
// one may stand in a record.

import { EdgeError } from '../../errors.ts';

/** Bytes. No record comes near it. */
const longestLine = 1024 * 1024;

/** Throws `invalid-field` for a line that is longer than any of ours. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = all.indexOf(10, from); end !== -1; end = all.indexOf(10, from)) {
      yield all.toString('utf8', from, end);
      from = end + 1;
    }
    rest = Buffer.from(all.subarray(from));
    if (rest.length > longestLine) throw new EdgeError('invalid-field', `a line is longer than ${longestLine} bytes`);
  }
  if (rest.length > 0) yield rest.toString();
}
