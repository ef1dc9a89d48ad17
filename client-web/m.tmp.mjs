import { chromium } from 'playwright-core';
const base='http://127.0.0.1:9411';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
const J=(path,body,s)=>fetch(base+'/api/v1/'+path,{method:'POST',headers:{'Content-Type':'application/json',...(s?{Authorization:'Bearer '+s}:{})},body:JSON.stringify(body)}).then(r=>r.json());
const g=await J('guests',{name:'Grace'});
const room=await J('rooms',{game:'arena',name:'Quick duels',mode:'ffa',time:12,maxPlayers:4,bots:1,watchers:4},g.session);
console.log(room.id, room.error);
const ctxs=[]; const pages=[];
for (let i=0;i<2;i++){ const c=await b.newContext({viewport:{width:640,height:480}}); ctxs.push(c); const p=await c.newPage(); pages.push(p); await p.goto(base+'/?renderer=canvas&room='+room.id); await p.waitForSelector('#play:enabled'); await p.click('#play'); }
await pages[0].waitForFunction(()=>window.hindsight.phase==='live');
const end=Date.now()+Number(process.argv[2]??150)*1000;
while(Date.now()<end){ for (const p of pages){ const f=await p.evaluate(()=>window.hindsight); const q=f.players.find(x=>x.foe); if(q){ await p.mouse.move(f.screen.x+(q.x-f.x),f.screen.y+(q.y-f.y)); await p.mouse.down(); await p.keyboard.down(Math.random()<.5?'KeyW':'KeyD'); await p.waitForTimeout(60); await p.mouse.up(); await p.keyboard.up('KeyW'); await p.keyboard.up('KeyD'); } else await p.waitForTimeout(50);} }
await ctxs[0].storageState({path:'/tmp/lobbyweb/state.json'});
await b.close();
