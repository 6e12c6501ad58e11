// HKDF against the vectors of RFC 5869 appendix A.

import { formatHex } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { hex, PROVIDERS } from '../test/providers.ts';
import { type HashAlgorithm, hkdfExpand, hkdfExtract } from './index.ts';

const VECTORS: readonly {
  source: string;
  hash: HashAlgorithm;
  inputKeyingMaterial: string;
  salt: string;
  info: string;
  pseudorandomKey: string;
  output: string;
}[] = [
  {
    source: 'RFC 5869 §A.1',
    hash: 'sha256',
    inputKeyingMaterial: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    pseudorandomKey: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    source: 'RFC 5869 §A.2, longer',
    hash: 'sha256',
    inputKeyingMaterial: count(0x00, 80),
    salt: count(0x60, 80),
    info: count(0xb0, 80),
    pseudorandomKey: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    output:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb' +
      '41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    source: 'RFC 5869 §A.3, no salt and no info',
    hash: 'sha256',
    inputKeyingMaterial: '0b'.repeat(22),
    salt: '',
    info: '',
    pseudorandomKey: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
  {
    source: 'RFC 5869 §A.4, SHA-1',
    hash: 'sha1',
    inputKeyingMaterial: '0b'.repeat(11),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    pseudorandomKey: '9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243',
    output: '085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896',
  },
];

/** `length` bytes that count up from `first`, in hexadecimal. */
function count(first: number, length: number): string {
  return formatHex(Uint8Array.from({ length }, (_, i) => first + i));
}

describe.each(PROVIDERS)('HKDF over %s', (_name, provider) => {
  it.each(VECTORS)('agrees with $source', (vector) => {
    const { hash } = vector;
    const prk = hkdfExtract(provider, hash, hex(vector.salt), hex(vector.inputKeyingMaterial));
    expect(formatHex(prk)).toBe(vector.pseudorandomKey);
    const output = hkdfExpand(provider, hash, prk, hex(vector.info), vector.output.length / 2);
    expect(formatHex(output)).toBe(vector.output);
  });
});

describe('hkdfExpand', () => {
  const [[, provider]] = PROVIDERS as [(typeof PROVIDERS)[number]];
  const expand = (length: number) => hkdfExpand(provider, 'sha256', hex('00'), hex(''), length);

  it('gives no bytes when none are asked for, and shorter outputs are prefixes of longer ones', () => {
    expect(expand(0)).toEqual(new Uint8Array(0));
    expect(expand(33)).toEqual(expand(100).subarray(0, 33));
  });

  it('gives 255 hash lengths and no more (RFC 5869 §2.3)', () => {
    expect(expand(255 * 32).length).toBe(255 * 32);
    expect(() => expand(255 * 32 + 1)).toThrow(RangeError);
  });
});
