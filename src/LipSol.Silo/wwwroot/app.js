'use strict';

const $ = id => document.getElementById(id);
const longestRecording = 10_000;
let clip = null;       // { blob, name }
let recorder = null;
let reading = false;

const percent = share => new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 }).format(share);
const size = bytes => bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
const isUrdu = text => /[\u0600-\u06ff]/.test(text);

function fail(message) {
  $('error').textContent = message;
  $('error').hidden = false;
}

function update() {
  $('read').disabled = !clip || reading || recorder !== null;
  $('record').disabled = reading;
  $('file').disabled = reading || recorder !== null;
}

function choose(blob, name) {
  clip = { blob, name };
  $('error').hidden = true;
  const preview = $('preview');
  URL.revokeObjectURL(preview.src);
  preview.srcObject = null;
  preview.classList.remove('mirrored');
  preview.onerror = () => { preview.hidden = true; }; // a format that the node reads and the browser doesn't
  preview.hidden = name.toLowerCase().endsWith('.npz');
  if (!preview.hidden) {
    preview.src = URL.createObjectURL(blob);
    preview.play().catch(() => {});
  }
  $('drop-hint').replaceChildren(Object.assign(document.createElement('bdi'), { textContent: name }), ` (${size(blob.size)})`);
  update();
}

async function record() {
  if (recorder) return recorder.stop();
  $('error').hidden = true;
  if (!navigator.mediaDevices || !window.MediaRecorder)
    return fail('The browser offers no webcam here. It does on this machine (http://127.0.0.1) and over https; otherwise choose a recorded clip.');
  let camera;
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 25 }, facingMode: 'user' }, audio: false });
  } catch (e) {
    return fail(e.name === 'NotAllowedError' ? 'The browser was not allowed to use the webcam. Allow it in the address bar, or choose a clip.'
      : e.name === 'NotFoundError' ? 'No webcam was found. Connect one, or choose a clip.' : `The webcam can't be used: ${e.message}`);
  }
  const type = ['video/mp4;codecs=avc1', 'video/webm;codecs=vp8', 'video/webm'].find(t => MediaRecorder.isTypeSupported(t)) ?? '';
  const parts = [];
  recorder = new MediaRecorder(camera, type ? { mimeType: type } : {});
  const preview = $('preview');
  preview.hidden = false;
  preview.srcObject = camera;
  preview.classList.add('mirrored');
  preview.play().catch(() => {});
  recorder.ondataavailable = e => parts.push(e.data);
  const timer = setTimeout(() => recorder?.stop(), longestRecording);
  recorder.onstop = () => {
    clearTimeout(timer);
    const mime = recorder.mimeType.split(';')[0];
    recorder = null;
    camera.getTracks().forEach(t => t.stop());
    $('record').classList.remove('recording');
    $('record').textContent = 'Record again';
    choose(new Blob(parts, { type: mime }), mime === 'video/mp4' ? 'webcam.mp4' : 'webcam.webm');
  };
  recorder.start();
  $('record').classList.add('recording');
  $('record').textContent = 'Stop recording';
  $('drop-hint').textContent = 'Say one word, with the lips at rest before and after it, then stop.';
  update();
}

// XMLHttpRequest, since fetch tells nothing about how much of an upload has gone.
function send(form) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', 'api/v1/transcriptions');
    request.responseType = 'json';
    request.setRequestHeader('Accept', 'application/json');
    request.upload.onprogress = e => {
      if (!e.lengthComputable) return;
      const done = e.loaded === e.total;
      if (done) $('bar').removeAttribute('value'); else $('bar').value = e.loaded / e.total;
      $('stage').textContent = done ? 'Finding the face and reading the lips…' : `Sending: ${percent(e.loaded / e.total)}`;
    };
    request.onload = () => request.status === 200 && request.response ? resolve(request.response)
      : reject(new Error(request.response?.detail ?? `The node answered ${request.status}.`));
    request.onerror = () => reject(new Error('The node does not answer. Is it still running?'));
    request.send(form);
  });
}

async function read() {
  const form = new FormData();
  for (const field of ['start', 'end', 'model']) if ($(field).value) form.append(field, $(field).value);
  form.append(clip.name.toLowerCase().endsWith('.npz') ? 'mouthClip' : 'clip', clip.blob, clip.name);
  reading = true;
  $('error').hidden = true;
  $('answer').hidden = true; // an old answer beside a new clip would mislead
  $('nothing').hidden = false;
  $('progress').hidden = false;
  $('bar').removeAttribute('value');
  $('stage').textContent = 'Sending';
  update();
  try {
    show(await send(form));
  } catch (e) {
    fail(e.message);
  } finally {
    reading = false;
    $('progress').hidden = true;
    update();
  }
}

function urdu(element, text) {
  element.textContent = text;
  element.lang = isUrdu(text) ? 'ur' : '';
  element.classList.toggle('urdu', isUrdu(text));
  return element;
}

function show(answer) {
  $('nothing').hidden = true;
  $('answer').hidden = false;
  urdu($('text'), answer.text);
  $('confidence').value = answer.confidence;
  $('confidence-text').textContent = percent(answer.confidence);
  $('synthetic').hidden = !answer.provenance.synthetic;
  $('look-alike-block').hidden = answer.lookAlike.length === 0;
  urdu($('look-alike'), answer.lookAlike.join(isUrdu(answer.text) ? '، ' : ', '));
  $('notes').hidden = answer.notes.length === 0;
  $('notes').textContent = answer.notes.join(' ');
  $('alternatives').replaceChildren(...answer.alternatives.map(a => {
    const item = document.createElement('li');
    item.style.setProperty('--share', `${100 * a.confidence}%`);
    const share = document.createElement('span');
    share.textContent = percent(a.confidence);
    item.append(urdu(document.createElement('bdi'), a.text), share);
    return item;
  }));
  const p = answer.provenance;
  const milliseconds = Object.entries(p.milliseconds).map(([stage, ms]) => `${stage} ${Math.round(ms)} ms`).join(', ');
  const facts = [
    ['Model', `${p.model}, version ${p.version}`], ['Run', p.runId], ['Data hash', p.dataHash],
    ['Trained on', p.synthetic ? 'drawn speakers (synthetic)' : 'recorded speakers'],
    ['Frames', `${p.frames}, ${percent(p.framesTracked)} tracked`],
    ['Word', answer.words.map(w => `${w.start.toFixed(2)} to ${w.end.toFixed(2)} s`).join('; ')],
    ['Computed', `on ${p.node}, ${p.device}: ${milliseconds}`], ['LipSol', p.codeVersion?.replace(/(\+.{8}).*/, '$1')],
  ];
  $('provenance').replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => {
    const term = document.createElement('dt');
    const text = document.createElement('dd');
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  }));
}

async function listModels() {
  const answer = await fetch('api/v1/models');
  if (!answer.ok) return;
  const serving = (await answer.json()).filter(m => 'production' in m.aliases);
  for (const model of serving) $('model').append(new Option(`${model.name}, version ${model.aliases.production}`, model.name));
  if (serving.length > 1) {
    $('model').value = serving[0].name;
    $('more').open = true;
  }
  if (serving.length === 0) $('nothing').textContent = 'No model is in production yet: train a run and promote its model, then come back.';
}

$('file').addEventListener('change', e => { if (e.target.files[0]) choose(e.target.files[0], e.target.files[0].name); });
$('record').addEventListener('click', record);
$('read').addEventListener('click', read);
for (const name of ['dragover', 'dragleave', 'drop']) {
  $('drop').addEventListener(name, e => {
    e.preventDefault();
    $('drop').classList.toggle('over', name === 'dragover');
    const file = name === 'drop' && e.dataTransfer.files[0];
    if (file && !reading && !recorder) choose(file, file.name);
  });
}
listModels().catch(() => {});
update();
