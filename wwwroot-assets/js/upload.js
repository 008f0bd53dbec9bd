// Sends a zip to the dashboard and tells the form how far it is. XMLHttpRequest, because fetch can't report what was sent.
const tellEvery = 200;
let request;

export function chosen(input) {
  const file = input.files[0];
  return file ? { name: file.name, size: file.size } : null;
}

export function send(input, name, form) {
  const body = new FormData();
  // The name goes first: the server refuses a bad one before it takes the file.
  body.append('name', name);
  body.append('file', input.files[0]);
  let told = 0;
  const own = request = new XMLHttpRequest();
  own.upload.onprogress = e => {
    const now = performance.now();
    if (now - told < tellEvery && e.loaded < e.total) return;
    told = now;
    form.invokeMethodAsync('Progressed', e.loaded);
  };
  own.onload = () => form.invokeMethodAsync('Ended', own.status, own.responseText);
  own.onerror = () => form.invokeMethodAsync('Ended', 0, '');
  own.onabort = () => form.invokeMethodAsync('Ended', -1, '').catch(() => { /* the form has gone */ });
  own.open('POST', '/api/datasets');
  own.send(body);
}

export function cancel() {
  if (request && request.readyState !== XMLHttpRequest.DONE) request.abort();
}
