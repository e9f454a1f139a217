// fast-check arbitraries derived from the SDK's schemas: any value that a member of that shape can have on the wire.
import fc from 'fast-check';
import type { Protocol } from '../../../src/sandbox/wire/service.ts';
import type { Shape } from '../../../src/sandbox/wire/shape.ts';

/** Recursion below this depth is cut: optional members are left out, lists are empty. Unlimited takes minutes. */
const maxDepth = 2;
const maxLength = 2;

/** Any text XML 1.0 can carry: no control characters, no lone surrogates. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  // oxlint-disable-next-line no-control-regex -- control characters are what is left out
  .filter((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/u.test(value));

const isSimple = (shape: Shape): boolean =>
  shape.isStringSchema() || shape.isNumericSchema() || shape.isBooleanSchema() || shape.isTimestampSchema();

/** @param protocol decides what is left out as unsayable in requests; answers can say all that JSON can: pass 'json'. */
export function valueOf(shape: Shape, protocol: Protocol, depth = 0): fc.Arbitrary<unknown> {
  if (shape.isStructSchema()) return structOf(shape, protocol, depth);
  if (shape.isListSchema()) {
    // A query has no way to say "an empty structure", nor EC2's "an empty list".
    const sayable = protocol === 'ec2';
    if (depth >= maxDepth && !(sayable && !shape.getValueSchema().isStructSchema())) return fc.constant([]);
    return fc.array(valueOf(shape.getValueSchema(), protocol, depth + 1), { maxLength, minLength: sayable ? 1 : 0 });
  }
  if (shape.isMapSchema()) {
    if (depth >= maxDepth) return fc.constant({});
    return fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      valueOf(shape.getValueSchema(), protocol, depth + 1),
      {
        maxKeys: maxLength,
        noNullPrototype: true,
      },
    );
  }
  // An empty member of a form counts as not sent: see empty-members.test.ts.
  if (shape.isStringSchema()) return protocol === 'json' ? text : text.filter((value) => value !== '');
  if (shape.isBooleanSchema()) return fc.boolean();
  if (shape.isNumericSchema()) return fc.integer();
  if (shape.isTimestampSchema()) {
    return fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => new Date(ms));
  }
  if (shape.isBlobSchema()) return fc.uint8Array({ maxLength: 6 });
  throw new Error(`no arbitrary for ${shape.getName(true) ?? 'a nameless shape'}`);
}

export function structOf(shape: Shape, protocol: Protocol, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  if (shape.isUnitSchema()) return fc.constant({});
  const schema = shape.getSchema() as unknown[];
  const required = (schema[4] as string[]).slice(0, (schema[6] as number | undefined) ?? 0);
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  // The SDK invents a token when none is given: always give one.
  let simple = false;
  for (const [name, member] of shape.structIterator()) {
    const firstSimple: boolean = protocol !== 'json' && depth > 0 && !simple && isSimple(member);
    simple ||= firstSimple;
    const must = required.includes(name) || member.isIdempotencyToken() || firstSimple;
    if (must) record[name] = valueOf(member, protocol, depth + 1);
    else if (depth < maxDepth) record[name] = fc.option(valueOf(member, protocol, depth + 1), { nil: undefined });
  }
  if (shape.isUnionSchema()) {
    const entries = Object.entries(record);
    if (entries.length > 0) {
      return fc.oneof(
        ...entries.map(([name, value]) => value.filter((v) => v !== undefined).map((v) => ({ [name]: v }))),
      );
    }
  }
  return fc.record(record).map((value) => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)));
}
