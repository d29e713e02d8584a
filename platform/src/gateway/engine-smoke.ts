import { startHarness } from './testing/harness.ts';
import { RawClient } from './testing/raw-client.ts';
const h = await startHarness();
const dev = await h.device('dev-1');
for (const v of [4,5] as const) {
 const c = await RawClient.open(h, dev, v);
 console.log(await c.hello('dev-1'));
 c.publish('v1/me/up/telemetry/a', '{"t":1}', 1, 7);
 console.log(await c.take('puback'));
 c.send({type:'subscribe',packetId:1,subscriptions:[{filter:'v1/me/dn/#',qos:1,noLocal:false,retainAsPublished:false,retainHandling:0},{filter:'#',qos:1,noLocal:false,retainAsPublished:false,retainHandling:0}],properties:{}});
 console.log(await c.take('suback'));
 console.log(h.engine.deliver({party:'acme',device:'dev-1'},{topic:'dn/cmd/1',payload:Buffer.from('x'),qos:1,responseTopic:'v1/me/up/cmd/1/result',expiresAt:Date.now()+60000},(r)=>console.log('ack',r)));
 const p = await c.take('publish'); console.log(p);
 if (p) c.send({type:'puback',packetId:p.packetId,reasonCode:0,properties:{}});
 await new Promise(r=>setTimeout(r,50));
 console.log(h.admission.requests.at(-1)?.peer);
 console.log(h.engine.kick({party:'acme',device:'dev-1'},'device/isolated'));
 console.log(await c.take('disconnect')); await c.gone();
 console.log(h.admission.sessions.at(-1)?.ended);
}
console.log(h.records.refusals, h.engine.counters, h.uplink.stored);
await h.stop();
