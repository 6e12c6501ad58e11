// The folder with web-platform-tests/wpt, which is never part of this repository.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NEEDED = ['resources/testharness.js', 'webrtc/RTCPeerConnection-helper.js'];
const FOLDERS = ['webrtc', 'webrtc/protocol', 'webrtc/legacy', 'webrtc/simulcast', 'webrtc-stats'];
const TEST_NAME = /\.(html|window\.js|any\.js)$/;

const HOW_TO_GET_ONE = `Get one with:
  git clone --depth 1 --filter=blob:none --sparse https://github.com/web-platform-tests/wpt
  git -C wpt sparse-checkout set webrtc webrtc-stats resources common interfaces`;

/** The absolute path of a checkout. Throws a RangeError that says how to get one if it is none. */
export function checkCheckout(path: string): string {
  const root = resolve(path);
  for (const file of NEEDED) {
    if (!existsSync(join(root, file))) {
      throw new RangeError(
        `--tests: ${root} is no checkout of web-platform-tests/wpt, ${file} is missing.\n${HOW_TO_GET_ONE}`,
      );
    }
  }
  return root;
}

/** The tests of WebRTC in a checkout, by their paths in it. */
export function testsIn(root: string): string[] {
  return FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => TEST_NAME.test(name))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
}
