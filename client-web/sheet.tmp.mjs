import { chromium } from 'playwright-core';
const [out,w,...files]=process.argv.slice(2);
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--allow-file-access-from-files'] });
const p=await b.newPage({viewport:{width:1900,height:600}});
import { writeFileSync } from 'node:fs';
writeFileSync('/tmp/lobbyweb/sheet.html', `<body style="margin:0;background:#333;display:flex;flex-wrap:wrap;gap:6px">${files.map(f=>`<img src="${f}" style="width:${w}px">`).join('')}`);
await p.goto('file:///tmp/lobbyweb/sheet.html'); await p.waitForTimeout(300);
await p.screenshot({path:'/tmp/lobbyweb/'+out,fullPage:true}); await b.close();
