// Takes the Nastaliq font out of the npm package that carries it and puts it, with its licence, into a folder.
// Usage: node fetch.mjs FOLDER. Exit status 0: the files are there with the right hash.
import { createHash, randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const packageName = '@fontsource/noto-nastaliq-urdu@5.3.0';
const files = {
  'noto-nastaliq-urdu.woff2': ['package/files/noto-nastaliq-urdu-arabic-400-normal.woff2', 'fecd45d69436d911d79ff10fc39ca7f7022cbe05214bc07f931820b7c7a7d15c'],
  'noto-nastaliq-urdu.LICENSE.txt': ['package/LICENSE', '7bf7d1817212a17ca88f90072afe1253b54bb02b1730f09da4247625eb04f745'],
};

const folder = process.argv[2];
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
const isThere = name => existsSync(join(folder, name)) && sha256(readFileSync(join(folder, name))) === files[name][1];
const fail = message => { console.error(message); process.exit(1); };

if (!folder) fail('usage: node fetch.mjs FOLDER');
if (Object.keys(files).every(isThere)) process.exit(0);

mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(folder, 'npm-'));
try {
  const npm = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['pack', packageName, '--silent', '--pack-destination', '.'],
    { cwd: scratch, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 });
  if (npm.error?.code === 'ENOENT') fail('npm was not found. Install Node.js with npm (Debian and Ubuntu: apt-get install npm).');
  if (npm.error || npm.status !== 0) fail(`npm pack ${packageName} failed: ${npm.error?.message ?? npm.stderr.trim()}`);
  const archive = gunzipSync(readFileSync(join(scratch, npm.stdout.trim().split('\n').at(-1))));
  for (const [name, [path, hash]] of Object.entries(files)) {
    const bytes = entry(archive, path);
    if (sha256(bytes) !== hash) fail(`${path} in ${packageName} has SHA-256 ${sha256(bytes)}, expected ${hash}.`);
    const partial = join(folder, `${name}.${randomUUID()}`);
    writeFileSync(partial, bytes);
    renameSync(partial, join(folder, name)); // atomic: a build that runs beside this one sees all of it or nothing
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
function entry(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    if (name === wanted) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  fail(`${packageName} holds no ${wanted}.`);
}
