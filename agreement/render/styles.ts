/** Style of the printed agreement: A4, black on white, fonts of the reader's system, rows kept whole across pages. */
export const styles = `
@page { size: A4; margin: 20mm 18mm; }
:root { color-scheme: light; }
body { max-width: 174mm; margin: 0 auto; padding: 8mm 4mm; color: #111; background: #fff;
  font: 10.5pt/1.55 "Noto Serif", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; }
h1, h2, h3, h4, th, dt { font-family: "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 18pt; text-align: center; line-height: 1.3; margin: 0 0 8mm; }
h2 { font-size: 14pt; border-bottom: 1pt solid #444; padding-bottom: 1mm; margin: 9mm 0 3mm; }
h3 { font-size: 12pt; margin: 6mm 0 2mm; }
h4 { font-size: 10.5pt; margin: 5mm 0 1mm; }
h2, h3, h4 { break-after: avoid; }
p { margin: 0 0 2.5mm; orphans: 3; widows: 3; }
dl { display: grid; grid-template-columns: 30mm 1fr; gap: 0.8mm 4mm; margin: 0 0 3mm; break-inside: avoid; }
dt { font-size: 9pt; color: #444; padding-top: 0.4mm; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; line-height: 1.4; margin: 0 0 4mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #888; padding: 1mm 1.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; font-weight: 600; }
code { font: 0.88em/1.4 "Noto Sans Mono", "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } }
`;
