import { deflateRawSync, inflateRawSync } from "node:zlib";
const stat = Buffer.from([
'{"t":"mapped","combine":"zip","unmapped":[],"static":true,"partial":true,"spilled":{"digest":"","bytes":',
'{"t":"loaded","artifact":"run_","item":,"text":"{"t":"logged","level":"info","message":"","fields":{"t":"stopping","reason":"{"t":"threw","error":{"name":"Error","message":"","stack":"Error: \\n    at async  (file:///var/task/index.mjs:\\"code":"step_","cause":{"retryable":false,"interrupted":true',
'{"status":"failed","error":{"name":"SkeinError","message":"","code":""}},"status":"cached","origin":{"run":"run_","step":""}',
'{"t":"ended","outputs":{},"status":"failed","status":"stopped","at":1795521183952}{"t":"returned","outputs":{"kind":"record","values":{"kind":"list","kind":"one","value":{"from":"","output":"output"}}',
',"metadata":{"skein.index":{"start":,"bytes":,"digest":"application/octet-stream","materializer":"application/vnd.skein.list","materializer":"list","itemCount":',
'"policy":{"retry":{"maxRetries":3,"delayMs":1000,"backoff":2},"timeoutMs":"cache":{"expiresAfterMs":"operator":"memoryMb":"tags":["after":[',
'{"v":1,"status":"running","nonce":"","invocation":"","startedAt":179552,"until":17955,"place":{"kind":"orchestrator","kind":"function","functionName":"","requestId":"","logStream":"2026/11/30/[$LATEST]',
'{"status":"ended","nonce":"","outcome":{"status":"completed","outputs":{"output":{"id":"run_.1.output","digest":"","bytes":,"mediaType":"application/json","materializer":"json","at":{"key":"run_/1//output"}}}},"startedAt":17955,"endedAt":17955,"place":{"kind":"function","functionName":"',
'"counts":{"completed":',
'{"v":1,"seq":,"nonce":"","turn":"","invocation":"","until":,"at":17955,"wait":true,"totals":{"turns":,"called":,"ended":{"failed":1,"completed":}},"events":[{"t":"outcome","id":"","attempt":1,"outcome":{"status":"completed","outputs":{"output":{"id":"run_","digest":"","bytes":,"mediaType":"application/json","materializer":"json","at":{"text":"","at":{"key":"run_/1//output"}}}},"at":17955,"span":{"startedAt":,"endedAt":,"place":{"kind":"thread","threadId":"kind":"process","pid":,"born":""}},{"t":"called","id":"","step":"","call":"submit","runtime":"inline","call":"sync","runtime":"isolated","input":{"literal":"{\\"","edges":[{"path":[""],"from":"","output":"output"}]}},{"t":"launched","id":"","attempt":1}]}',
].join(""));
console.log("static", stat.length);
const J = JSON.stringify({v:1,seq:17,nonce:"mebelmktein64def",turn:"7pmjvpr88fsbt1k3",invocation:"aca6bbd5-cf85-4ba0-ab13-683bfcc938b3",until:1795521484713,at:1795521184713,wait:true,totals:{turns:2,called:32,ended:{completed:32}},events:[
 {t:"outcome",id:"train_model_3",attempt:1,outcome:{status:"completed",outputs:{output:{id:"run_0mwumybeakf1u7852iha9.train_model_3.1.output",digest:"c009727ff69571e28fcf7a9b13232bb5dbd56012f2f86dcd580c320b1c002778",bytes:107,mediaType:"application/json",materializer:"json",at:{key:"run_0mwumybeakf1u7852iha9/train_model_3/1/8ob9sdblfqocqg6f/output"}}}},at:1795521184647},
 {t:"called",id:"train_model_4",step:"train_model",call:"sync",runtime:"isolated",input:{literal:'{"data":null,"degree":3,"city":"Seattle"}',edges:[{path:["data"],from:"train_model_3",output:"output"}]}},{t:"launched",id:"train_model_4",attempt:1}]});
const E = JSON.stringify({status:"ended",nonce:"ge4vpvegir3of17d",outcome:{status:"completed",outputs:{output:{id:"run_0mwumybeakf1u7852iha9.score_item[9].1.output",digest:"4a44dc15364204a80fe80e9039455cc1608281820fe2b24f1e5233ade6af1dd5",bytes:2,mediaType:"application/json",materializer:"json",at:{key:"run_0mwumybeakf1u7852iha9/score_item[9]/1/ge4vpvegir3of17d/output"}}}},startedAt:1795521182918,endedAt:1795521182918,place:{kind:"function",functionName:"skein-StepOperatorSmall3F2A91BC-kJ8s7d6F5a4S",requestId:"a7e25229-6291-4ccf-8d01-b51f92ef65b6",logStream:"2026/11/30/[12]d5d8f0a1b2c3d4e5f60718293a4b5c6d"}});
for (const [n, s, ctx] of [["J", J, "run_0mwumybeakf1u7852iha9J#00000001mebelmktein64def"], ["E", E, "run_0mwumybeakf1u7852iha9/0M#score_item#0000000#0000009#00001ge4vpvegir3of17d"]] as const) {
  for (const opt of [{}, { windowBits: 13, memLevel: 5 }, {windowBits: 13, memLevel: 5, level: 9, chunkSize: 4096}]) {
    const dictionary = Buffer.concat([stat, Buffer.from(ctx)]);
    const c = deflateRawSync(s, { ...opt, dictionary });
    const c2 = deflateRawSync(s, opt);
    let t = performance.now(); const N = 3000;
    for (let i = 0; i < N; i++) deflateRawSync(s, { ...opt, dictionary: Buffer.concat([stat, Buffer.from(ctx)]) });
    const d = (performance.now() - t) / N * 1000; t = performance.now();
    for (let i = 0; i < N; i++) JSON.parse(inflateRawSync(c, { chunkSize: 4096, dictionary: Buffer.concat([stat, Buffer.from(ctx)]) }).toString());
    const u = (performance.now() - t) / N * 1000; t = performance.now();
    for (let i = 0; i < N; i++) JSON.parse(s);
    const j = (performance.now() - t) / N * 1000;
    console.log(n, JSON.stringify(opt), "plain", s.length, "dict", c.length, "nodict", c2.length, "us", d.toFixed(1), u.toFixed(1), "json", j.toFixed(1));
  }
}
