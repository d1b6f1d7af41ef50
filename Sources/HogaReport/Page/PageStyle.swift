/// The page's style sheet: one column of text and figures, for screens, phones and paper.
enum PageStyle {
  static let text: String = {
    let series = (1...6).map { ".c\($0){--c:var(--s\($0))}" }.joined()
    let density = (0...4).map { ".p\($0){fill:var(--p\($0))}" }.joined()
    let cells = [("h", 21), ("q", 11)].flatMap { letter, count in
      (0..<count).map {
        ".\(letter)\($0){fill:var(--\(letter)\($0))}.x\(letter)\($0){fill:var(--x\(letter)\($0))}"
      }
    }.joined()
    return """
      :root{color-scheme:light dark;\(Palette.variables(Palette.light))}
      @media screen and (prefers-color-scheme:dark){:root{\(Palette.variables(Palette.dark))}}
      \(layout)
      \(parts)
      \(charts)\(series)\(density)\(cells)
      \(paper)
      """
  }()

  private static let layout = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
    body{margin:0;background:var(--bg);color:var(--text);font:16px/1.6 Inter,system-ui,-apple-system,\
    "Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Apple SD Gothic Neo","Malgun Gothic",\
    "Noto Sans KR","Noto Sans CJK KR",sans-serif;font-variant-numeric:tabular-nums;\
    overflow-wrap:break-word;-webkit-font-smoothing:antialiased}
    a{color:var(--accent);text-underline-offset:.15em;text-decoration-thickness:1px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
    .skip{position:absolute;left:-99em}.skip:focus{left:1em;top:1em;background:var(--bg);padding:.5em}
    .page{max-width:860px;margin:0 auto;padding:56px 0 64px}
    header{margin-bottom:32px}
    .kicker{margin:0 0 10px;font-size:12px;font-weight:650;letter-spacing:.09em;\
    text-transform:uppercase;color:var(--muted)}
    h1{margin:0;font-size:38px;line-height:1.14;font-weight:680;letter-spacing:-.022em;\
    text-wrap:balance}
    .sub{margin:12px 0 0;font-size:18px;line-height:1.5;color:var(--muted);max-width:44em;\
    text-wrap:pretty}
    nav{margin:0 0 8px;padding:12px 0;border:solid var(--rule);border-width:1px 0;font-size:14px;\
    line-height:1.9}
    nav ol{display:flex;flex-wrap:wrap;gap:0 20px;margin:0;padding:0;list-style:none}
    nav a{color:var(--muted);text-decoration:none}nav a:hover{color:var(--accent)}
    section{padding-top:60px}
    h2{margin:0 0 6px;font-size:25px;line-height:1.25;font-weight:660;letter-spacing:-.015em;\
    text-wrap:balance}
    section>p,section>ul{max-width:42em;text-wrap:pretty}
    .lead{margin:0 0 4px;color:var(--muted);font-size:17px;max-width:42em}
    p{margin:14px 0}ul{margin:14px 0;padding-left:1.2em}li{margin:4px 0}
    code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono","DejaVu Sans Mono",\
    "Noto Sans Mono CJK KR",monospace;background:var(--panel);padding:.1em .3em;border-radius:3px}
    @media(min-width:1240px){.page{max-width:1120px;padding-left:260px;position:relative}
    nav{position:fixed;top:0;bottom:0;left:max(24px,calc(50vw - 560px));width:196px;\
    padding:64px 0 24px;border:0;overflow:auto;line-height:1.4}
    nav ol{display:block}nav li{margin:0 0 11px}
    main>section:first-child{padding-top:8px}nav a{display:block}nav a.on{color:var(--text);font-weight:600}}
    @media(max-width:908px){.page{padding-left:24px;padding-right:24px}}
    @media(max-width:560px){.page{padding:32px 16px 48px}header{margin-bottom:28px}
    h1{font-size:29px}.sub{font-size:16.5px}section{padding-top:44px}h2{font-size:22px}}
    """

  private static let parts = """
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(148px,1fr));gap:22px 24px;\
    margin:24px 0}
    .cards>div{border-top:2px solid var(--text);padding-top:9px;min-width:0}
    .cards dt{font-size:13px;line-height:1.35;color:var(--muted)}
    .cards dd{margin:0}.cards .v{margin:5px 0 3px;font-size:27px;line-height:1.15;font-weight:640;\
    letter-spacing:-.02em}
    .cards .u{font-size:.55em;font-weight:500;letter-spacing:0;color:var(--muted)}
    .cards .o{font-size:12.5px;line-height:1.4;color:var(--muted)}
    .cards .good .v{color:var(--good)}.cards .bad .v{color:var(--bad)}
    .cards .good{border-color:var(--good)}.cards .bad{border-color:var(--bad)}
    figure,.block{margin:32px 0;min-width:0}figure:first-child{margin-top:20px}
    .ft{font-size:15.5px;font-weight:640;line-height:1.35;color:var(--text)}
    .fs{font-size:13.5px;line-height:1.45;color:var(--muted)}
    .fc{margin:8px 0 0;font-size:13px;line-height:1.5;color:var(--muted);max-width:52em}
    .chart{container-type:inline-size;margin-top:10px}
    .cols{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));\
    gap:8px 44px;align-items:start}.cols>*,.cols>*:first-child{margin-top:24px;margin-bottom:8px}
    .multi{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:20px 24px;\
    margin-top:14px}.multi>div{min-width:0}.multi .mt{font-size:12.5px;font-weight:600;\
    white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    .call{display:grid;grid-template-columns:auto 1fr;gap:0 12px;margin:24px 0;padding:13px 18px 14px;\
    background:var(--panel);border-left:3px solid var(--accent);border-radius:0 4px 4px 0;\
    font-size:15px;line-height:1.5;max-width:50em}
    .call b.i{color:var(--accent);font-size:15px}.call p{margin:0}.call .ct{font-weight:640}
    .call.warning{background:var(--warnbg);border-color:var(--warn)}.call.warning .i{color:var(--warn)}
    .call.problem{background:var(--badbg);border-color:var(--bad)}.call.problem .i{color:var(--bad)}
    details{margin:24px 0;border:1px solid var(--rule);border-radius:5px}
    summary{padding:10px 16px;font-size:14.5px;font-weight:600;cursor:pointer}
    pre{margin:0;padding:12px 16px 14px;overflow:auto;font-size:13px;line-height:1.55;\
    border-top:1px solid var(--rule);tab-size:2}pre code{background:none;padding:0;font-size:1em}
    .scroll{overflow-x:auto;background:linear-gradient(90deg,var(--bg) 40%,transparent) 0 0,\
    linear-gradient(270deg,var(--bg) 40%,transparent) 100% 0,\
    linear-gradient(90deg,var(--rule),transparent) 0 0,\
    linear-gradient(270deg,var(--rule),transparent) 100% 0;background-repeat:no-repeat;\
    background-size:40px 100%,40px 100%,16px 100%,16px 100%;\
    background-attachment:local,local,scroll,scroll}
    .scroll{margin-top:8px}table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
    th,td{padding:7px 12px;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--rule)}
    th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:2px}
    thead th{font-size:12.5px;font-weight:600;color:var(--muted);vertical-align:bottom;\
    border-bottom:1px solid var(--axis);line-height:1.3}
    tbody th{font-weight:500}.n{text-align:right!important;white-space:nowrap}
    th .u{font-weight:400;white-space:nowrap}td.when{white-space:nowrap}.pm{color:var(--muted)}
    tr.baseline th,tr.baseline td{color:var(--muted);font-style:italic}
    tr.total th,tr.total td{font-weight:640;border-top:1px solid var(--axis)}
    td.best{font-weight:680;background:var(--best)}
    tr.group th{padding-top:18px;font-size:12.5px;font-weight:650;color:var(--muted)}
    th button{all:unset;cursor:pointer}th button:hover{color:var(--text)}
    th button:focus-visible{outline:2px solid var(--accent)}
    th[aria-sort] button:after{content:" ↓";color:var(--accent)}
    th[aria-sort=ascending] button:after{content:" ↑"}
    .notes{margin:8px 0 0;padding:0;list-style:none;font-size:12.5px;line-height:1.5;\
    color:var(--muted)}.notes li{margin:1px 0}sup{font-size:.72em;line-height:0}
    footer{margin-top:64px;padding-top:18px;border-top:1px solid var(--rule);font-size:13px;\
    color:var(--muted)}footer dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;\
    margin:0}footer dt{font-weight:600}footer dd{margin:0;min-width:0;overflow-wrap:anywhere}
    footer code{padding:0;background:none}
    .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);\
    white-space:nowrap}
    @media(max-width:560px){.cards{grid-template-columns:1fr 1fr;gap:20px 18px}.cards .v{font-size:24px}
    .multi{grid-template-columns:1fr 1fr;gap:16px 13px}table{font-size:13.5px}th,td{padding:7px 9px}
    .scroll tbody th,.scroll th:first-child{position:sticky;left:0;background:var(--bg);max-width:44vw}
    .call{padding:12px 14px}footer dl{grid-template-columns:1fr;gap:0}footer dd{margin-bottom:7px}}
    """

  private static let charts = """
    svg{display:block;width:100%;height:auto;overflow:visible}svg.narrow{display:none}
    .half svg.narrow{display:block;max-width:520px}
    @container(max-width:640px){svg.wide{display:none}svg.narrow{display:block;max-width:520px}}
    .t{font-size:12px;fill:var(--muted)}.wide .t{font-size:12.5px}.m{text-anchor:middle}
    .e{text-anchor:end}svg .k{fill:var(--text)}svg .h{fill:var(--text);font-weight:640}
    svg .n{fill:var(--c);font-weight:600;paint-order:stroke;stroke:var(--bg);stroke-width:3px;\
    stroke-linejoin:round}svg .o{paint-order:stroke;stroke:var(--bg);stroke-width:3px}
    .g{stroke:var(--grid);fill:none}.g.z{stroke:var(--axis)}.a{stroke:var(--axis);fill:none}
    .r{stroke:var(--text);stroke-dasharray:4 3;stroke-width:1;fill:none;opacity:.75}
    .v{stroke:var(--axis);stroke-dasharray:2 2;fill:none}
    .l{fill:none;stroke:var(--c);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
    .narrow .l{stroke-width:1.5}.small .l{stroke-width:1.3}
    .l.d{stroke-dasharray:6 4}.l.y{stroke-width:1.1}
    .b{fill:var(--c);opacity:.17}path.m{fill:var(--c);stroke:var(--bg);\
    stroke-width:.7}.bar{fill:var(--c)}.w{stroke:var(--text);stroke-width:1.3;fill:none;opacity:.8}
    .w.c0,.w.c1,.w.c2,.w.c3,.w.c4,.w.c5,.w.c6{stroke:var(--c);stroke-width:2;opacity:.6}
    .w.thick{stroke-width:2.4;opacity:1}.dot{fill:var(--c);stroke:var(--bg);stroke-width:1}
    .box{fill:var(--bg);stroke:var(--text);stroke-width:1.2}
    .pt{stroke:var(--c);stroke-width:5;stroke-linecap:round;opacity:.5;fill:none}
    .track{fill:none;stroke:var(--grid)}.k0.k0{--c:var(--s1)}.k1{--c:var(--s4)}.k2{--c:var(--bad)}
    .c0{--c:var(--k0)}.cg{--c:var(--good)}.cb{--c:var(--bad)}.hx{fill:var(--hx)}
    .cross{stroke:var(--axis);fill:none;pointer-events:none}.cross circle{fill:var(--c);\
    stroke:var(--bg);stroke-width:1.5}svg[data-x]{touch-action:pan-y}
    #tip{position:fixed;z-index:9;pointer-events:none;background:var(--bg);color:var(--text);\
    border:1px solid var(--rule);border-radius:5px;box-shadow:0 3px 14px rgba(0,0,0,.16);\
    padding:7px 11px;font-size:12.5px;line-height:1.5;max-width:min(300px,80vw)}
    #tip[hidden]{display:none}#tip div{display:flex;gap:14px;justify-content:space-between}
    #tip i{display:inline-block;width:10px;height:10px;border-radius:2px;background:var(--c);\
    margin-right:7px}#tip b{font-weight:640;white-space:nowrap}
    """

  private static let paper = """
    @page{size:A4;margin:16mm 15mm}
    @media print{:root{color-scheme:light}html{font-size:10pt}
    body{font-size:9.6pt;line-height:1.48;-webkit-print-color-adjust:exact;print-color-adjust:exact}
    .page{max-width:none;padding:0}nav,.skip,#tip{display:none}header{margin-bottom:14pt}
    h1{font-size:22pt}.sub{font-size:11pt}h2{font-size:14.5pt;break-after:avoid}
    section{padding-top:20pt}section>*{orphans:3;widows:3}.lead{font-size:10.5pt}
    figure,.call,.cards,.cards>div,tr,.multi>div,footer{break-inside:avoid}
    figure,.block{margin:14pt 0}.cards{grid-template-columns:repeat(5,1fr);gap:10pt 12pt}
    .cards .v{font-size:15pt}.cards dt,.cards .o{font-size:7.8pt}
    .cols{grid-template-columns:1fr 1fr;gap:0 20pt}.multi{grid-template-columns:repeat(4,1fr);gap:10pt}
    .ft{font-size:10.5pt!important;break-after:avoid}.fs,.fc,.notes{font-size:8.3pt}
    .scroll{overflow:visible;background:none}table{font-size:8.3pt}th,td{padding:3pt 5pt}
    thead{display:table-header-group}thead th{font-size:7.8pt}
    details{border:0}summary{padding:0;list-style:none}::details-content{content-visibility:visible;\
    display:block}pre{border:0;padding:4pt 0;white-space:pre-wrap;font-size:7.6pt;line-height:1.4}
    a{color:inherit;text-decoration:none}.call{font-size:9.2pt;padding:7pt 10pt}footer{font-size:8pt;\
    margin-top:22pt}}
    """
}
