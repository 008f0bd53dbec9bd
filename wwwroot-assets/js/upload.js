// Sends a zip to the dashboard and tells the form how far it is. XMLHttpRequest, because fetch can't report what was sent.
const tellEvery = 200;
// What a zip is shows in its first bytes; a list of files longer than this is checked with the whole upload.
const head = 1 << 16, longestList = 24 << 20;
const endLength = 22, locatorLength = 20, record64Length = 56, longestComment = 1 << 16;
let request;

export function chosen(input) {
  const file = input?.files?.[0];
  return file ? { name: file.name, size: file.size } : null;
}

// Asks about the zip's list of files, which lies at its end, before gigabytes travel. Null: it can't be told from there.
export async function check(input, encoding) {
  const file = input?.files?.[0];
  if (!file || file.size < 4 * head) return null;
  try {
    const start = await listStart(file);
    if (start === null) return null;
    const query = new URLSearchParams({ bytes: file.size, head, encoding });
    const answer = await fetch(`/api/datasets/check?${query}`, {
      method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: new Blob([file.slice(0, head), file.slice(start)]),
    });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return null;
  }
}

// Where the list begins, a little before it, or the last bytes where there is none; null when it is too long.
async function listStart(file) {
  const tailStart = Math.max(head, file.size - endLength - longestComment - locatorLength - record64Length);
  const tail = new DataView(await file.slice(tailStart).arrayBuffer());
  for (let at = tail.byteLength - endLength; at >= 0; at--) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue;
    let length = tail.getUint32(at + 12, true);
    const locator = at - locatorLength;
    if (locator >= 0 && tail.getUint32(locator, true) === 0x07064b50) {
      const from = Number(tail.getBigUint64(locator + 8, true));
      const record = new DataView(await file.slice(from, from + record64Length).arrayBuffer());
      if (record.byteLength === record64Length && record.getUint32(0, true) === 0x06064b50) length = Number(record.getBigUint64(40, true));
    }
    return length > longestList ? null : Math.max(head, Math.min(tailStart, tailStart + at - length - 4096));
  }
  return tailStart;
}

export function send(input, name, encoding, form) {
  if (!input?.files?.length) return;
  const body = new FormData();
  // What is short goes first: the server refuses a bad name before it takes the file.
  body.append('name', name);
  body.append('encoding', encoding);
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
