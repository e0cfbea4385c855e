package browsertest

import "strings"

// readableJS lists what keeps a page from being used by everybody: what a machine
// can find of it.
const readableJS = `(() => {
  const wrong = [];
  const all = (s) => [...document.querySelectorAll(s)];
  const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1 && getComputedStyle(e).visibility !== 'hidden'; };
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.className ? '.' + e.className : '') + ' ' + JSON.stringify((e.textContent || '').trim().slice(0, 30));
  if (!document.documentElement.lang) wrong.push('html has no lang');
  if (!document.title.trim()) wrong.push('there is no title');
  if (all('main').length !== 1) wrong.push(all('main').length + ' main landmarks');
  if (all('h1').length !== 1) wrong.push(all('h1').length + ' h1 headings');
  let level = 0;
  for (const h of all('h1,h2,h3,h4')) {
    const l = +h.tagName[1];
    if (l > level + 1) wrong.push('heading level is skipped before ' + name(h));
    level = l;
  }
  for (const e of all('input:not([type=hidden]),select,textarea'))
    if (!e.labels.length && !e.getAttribute('aria-label')) wrong.push(name(e) + ' has no label');
  for (const e of all('a[href],button'))
    if (!(e.textContent.trim() || e.getAttribute('aria-label'))) wrong.push(name(e) + ' has no name');
  for (const e of all('img')) if (!e.hasAttribute('alt')) wrong.push(name(e) + ' has no alt');
  for (const t of all('table')) {
    if (!t.caption) wrong.push('a table has no caption');
    for (const h of t.querySelectorAll('th')) if (!h.scope) wrong.push(name(h) + ' has no scope');
  }
  const ids = all('[id]').map(e => e.id);
  for (const id of new Set(ids)) if (ids.filter(i => i === id).length > 1) wrong.push('id ' + id + ' is there twice');
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push('the page scrolls sideways: ' + root.scrollWidth + ' > ' + root.clientWidth);
  for (const e of all('body *')) if (seen(e) && e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.sr'))
    wrong.push(name(e) + ' reaches out of the window');
  for (const e of all('button,a.button')) if (seen(e) && e.getBoundingClientRect().height < 24) wrong.push(name(e) + ' is too low to be hit');

  // Contrast, WCAG 2.2 AA: 4.5 to 1, for large text 3 to 1.
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (c) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = c; paint.fillRect(0, 0, 1, 1); const d = paint.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (f, b) => [0, 1, 2].map(i => f[i] * f[3] + b[i] * (1 - f[3])).concat(1);
  const canvasColor = () => matchMedia('(prefers-color-scheme: dark)').matches && getComputedStyle(root).colorScheme.includes('dark') ? [18, 18, 18, 1] : [255, 255, 255, 1];
  const behind = (e) => { let layers = []; for (let n = e; n; n = n.parentElement) layers.push(rgba(getComputedStyle(n).backgroundColor)); return layers.reverse().reduce((b, f) => over(f, b), canvasColor()); };
  const light = (c) => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  for (const e of all('body *')) {
    if (!seen(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const s = getComputedStyle(e), b = behind(e), f = over(rgba(s.color), b);
    const [hi, lo] = [light(f), light(b)].sort((x, y) => y - x), ratio = (hi + 0.05) / (lo + 0.05);
    const px = parseFloat(s.fontSize), large = px >= 24 || px >= 18.66 && +s.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) wrong.push('contrast ' + ratio.toFixed(2) + ' of ' + name(e));
  }
  return wrong;
})()`

// Readable fails the test for each thing that keeps the page from being used by
// everybody and that can be measured: language, title, landmarks, headings, names
// of fields and buttons, table headers, contrast (WCAG 2.2 AA), sideways scrolling.
func (p *Person) Readable() {
	p.t.Helper()
	if wrong := Ask[[]string](p, readableJS); len(wrong) > 0 {
		p.t.Errorf("%s is not for everybody:\n  %s", plain(p.Address()), strings.Join(wrong, "\n  "))
	}
}
