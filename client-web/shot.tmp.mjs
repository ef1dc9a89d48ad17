import { chromium } from 'playwright-core';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
const out='/tmp/lobbyweb/';
const sizes={ s:[360,740], m:[1280,800], l:[2560,1440] };
const tabs=['rooms','match','party','chat','ranks','profile'];
const want=process.argv[2]?.split(',') ?? ['m'];
for (const k of want) {
  const [w,h]=sizes[k];
  const ctx=await b.newContext({viewport:{width:w,height:h}, hasTouch:k==='s', isMobile:k==='s'});
  const p=await ctx.newPage();
  p.on('console',m=>{ if(m.type()==='error') console.log(k,m.text()); });
  p.on('pageerror',e=>console.log(k,'EXC',e.message));
  await p.goto('http://127.0.0.1:9411/?renderer=canvas');
  await p.waitForSelector('#play:enabled');
  await p.waitForSelector('.lobby');
  for (const t of tabs) {
    await p.click('#tab-'+t); await p.waitForTimeout(250);
    if (t==='party') { await p.click("button:has-text(\"Make a party\")"); await p.waitForSelector('.partyCode'); await p.click('[aria-label="QR code"]'); await p.waitForTimeout(300);}    
    if (t==='chat') { await p.fill('.chatTab input.textInput','hello all'); await p.keyboard.press('Enter'); await p.waitForTimeout(300);}    
    await p.screenshot({path:`${out}${k}-${t}.png`});
  }
  await p.click('#tab-rooms'); await p.click("button:has-text(\"New room\")"); await p.waitForTimeout(200);
  await p.screenshot({path:`${out}${k}-create.png`});
  await p.keyboard.press('Escape');
  await p.click('#tab-profile'); await p.click("button:has-text(\"Account\")"); await p.waitForTimeout(200);
  await p.screenshot({path:`${out}${k}-account.png`});
  await p.keyboard.press('Escape');
  await p.click('#tab-match'); await p.click(".mode button >> nth=0"); await p.waitForTimeout(800);
  await p.screenshot({path:`${out}${k}-queue.png`});
  if (await p.$(".queueStrip button")) await p.click(".queueStrip button"); await p.waitForTimeout(200);
  await ctx.close();
}
await b.close();
