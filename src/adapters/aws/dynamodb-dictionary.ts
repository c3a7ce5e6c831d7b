/**
 * What documents are mostly made of, as far as one differs from the next by its values alone: text that packing refers to instead
 * of repeating it. The commonest stands last. Rows can be read only with the very text that they were packed with, so that this one
 * is never changed; a better one comes beside it under the next number.
 */
const first = [
  `"static":true,"maxConcurrency":,"spilled":{"digest":"","partial":{"outputs":,"failures":{"t":"watched","id":"`,
  `{"t":"rebased","keep":{"t":"cancel","id":"","reason":"{"t":"stopping","reason":"{"t":"halted","error":{"name":"`,
  `{"t":"logged","level":"debug","level":"warn","level":"error","level":"info","message":"","fields":{"t":"loaded","artifact":"","item":`,
  `,"retryable":false,"interrupted":true,"retryAfterMs":,"upstream":"","status":"stopped","reason":""status":"skipped"`,
  `"status":"cached","outputs":{"output":{"origin":{"run":"run_","step":""status":"cancelled","reason":"`,
  `{"status":"failed","error":{"name":"SkeinError","message":"","code":"step_timeout"step_lost"upstream_failed"`,
  `{"status":"failed","error":{"name":"TypeError","message":"","stack":"TypeError: Error: \\n    at file:///var/task/index.mjs:`,
  `\\n    at async Promise.all (index 0)\\n    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)","cause":{`,
  `"errors":[{"data":{"code":"},"policy":{"cache":{"expiresAfterMs":"delivery":"at_most_once","operator":"","memoryMb":,"cpu":,"tags":["`,
  `"policy":{"retry":{"maxRetries":,"delayMs":1000,"backoff":2},"timeoutMs":300000}},"after":["`,
  `{"t":"mapped","id":"","step":"","combine":"product","combine":"zip","runtime":"isolated","input":{"literal":"{\\"","edges":[{"path":[`,
  `"item":0,"unmapped":["{"t":"launched","id":"","attempt":1,"dueAt":17,"items":{"t":"threw","error":{"name":"Error","message":"`,
  `"mediaType":"application/octet-stream","materializer":"bytes"mediaType":"text/plain","materializer":"text"`,
  `"mediaType":"application/vnd.skein.list","materializer":"list","itemCount":,"at":{"key":"run_`,
  `"metadata":{"skein.index":{"start":,"bytes":,"digest":"","name":"","tags":["},"counts":{"completed":,"failed":`,
  `{"t":"returned","outputs":{"kind":"none"},"kind":"list","values":["kind":"record","values":{"kind":"one","value":{"from":"","outputs":"all"`,
  `{"t":"ended","outputs":{},"at":17,"status":"failed","status":"stopped","status":"completed"}]}`,
  `,"place":{"kind":"process","pid":"born":"{"kind":"thread","threadId":{"status":"running","nonce":"","invocation":"","startedAt":17,"until":17`,
  `{"status":"ended","nonce":"","outcome":{"status":"completed","outputs":{"output":{"id":"run_.1.output","digest":"","bytes":,`,
  `"mediaType":"application/json","materializer":"json","at":{"text":"","at":{"key":"run_/1//output"}}},"metadata":{"`,
  `},"startedAt":17,"endedAt":17,"place":{"kind":"function","functionName":"","requestId":"","logStream":"20/[$LATEST]/[`,
  `{"v":1,"seq":,"nonce":"","turn":"","invocation":"","until":17,"at":17,"wait":false,"totals":{"turns":,"called":,"ended":{},"ended":{"failed":`,
  `"wait":true,"totals":{"turns":,"called":,"ended":{"completed":}},"events":[{"t":"outcome","id":"","attempt":1,"outcome":{"status":"completed",`,
  `"outputs":{"output":{"id":"run_","at":{"key":"run_","at":17,"span":{"startedAt":17,"endedAt":17,"place":{"kind":"orchestrator","functionName":"`,
  `"}}},{"t":"called","id":"","step":"","call":"submit","runtime":"inline","call":"static","call":"sync","runtime":"isolated","input":{`,
  `"literal":"{\\"":null,\\"","edges":[{"path":[""],"from":"","output":"output"}]}},{"t":"launched","id":"","attempt":1}]}`,
];

/** By number. */
export const dictionaries: ReadonlyMap<number, Buffer> = new Map([[1, Buffer.from(first.join(""))]]);
export const currentDictionary = 1;
