/// The page's script: a read-out on line charts, sorting of tables, the marked place in the contents.
///
/// Nothing depends on it; the page is complete without. It computes read-outs from the drawn path, so
/// that no value is stored twice, and writes text only as text.
enum PageScript {
  static let text = """
    (()=>{
    const make=(n,c)=>Object.assign(document.createElement(n),{className:c||""});
    const draw=(n,a,p)=>{const e=document.createElementNS("http://www.w3.org/2000/svg",n);\
    for(const k in a)e.setAttribute(k,a[k]);p.append(e);return e};
    const tip=make("div");tip.id="tip";tip.hidden=true;document.body.append(tip);
    const number=/-?(?:\\d+\\.?\\d*|\\.\\d+)/g;
    const points=path=>{
    if(path.points)return path.points;
    const out=[];let x=0,y=0;
    for(const part of path.getAttribute("d").matchAll(/([Mlz])([^Mlz]*)/g)){
    const n=(part[2].match(number)||[]).map(Number);
    for(let i=0;i+1<n.length;i+=2){
    if(part[1]=="M"){x=n[i];y=n[i+1]}else{x+=n[i];y+=n[i+1]}
    out.push([x,y])}}
    return path.points=out};
    const nearest=(p,x)=>{
    let a=0,b=p.length-1;
    while(b-a>1){const m=(a+b)>>1;if(p[m][0]<=x)a=m;else b=m}
    return p[b]&&Math.abs(p[b][0]-x)<Math.abs(p[a][0]-x)?p[b]:p[a]};
    const tidy=v=>{
    const a=Math.abs(v);
    const s=a>=1e5&&a<1e12?Math.round(a).toLocaleString("en"):String(Number(a.toPrecision(4)));
    return(v<0&&s!="0"?"\\u2212":"")+s};
    const when=(ms,span)=>{
    const s=new Date(ms).toISOString().replace("T"," ");
    return(span>864e5*40?s.slice(0,10):span>36e5?s.slice(0,19):s.slice(0,23))+" UTC"};
    for(const svg of document.querySelectorAll("svg[data-x]")){
    const t=svg.querySelector("title");
    if(t){svg.removeAttribute("aria-labelledby");svg.setAttribute("aria-label",\
    t.textContent+". "+svg.querySelector("desc").textContent);t.remove()}
    const d=svg.dataset.x.split(" "),[from,to,top,bottom,low,high]=d.map(Number);
    const paths=[...svg.querySelectorAll("path[data-y]")];
    let cross;
    const hide=()=>{if(cross){cross.remove();cross=null}tip.hidden=true};
    const show=e=>{
    hide();
    const box=svg.getBoundingClientRect(),zoom=svg.viewBox.baseVal.width/box.width;
    const x=(e.clientX-box.left)*zoom;
    if(x<from-6||x>to+6)return;
    const rows=[];let at=null;
    for(const path of paths){
    const p=nearest(points(path),x);
    if(!p||Math.abs(p[0]-x)>14)continue;
    if(at===null||Math.abs(p[0]-x)<Math.abs(at-x))at=p[0];
    rows.push([path,p])}
    if(at===null)return;
    cross=draw("g",{class:"cross"},svg);
    draw("path",{d:`M${at} ${top}V${bottom}`},cross);
    const v=low+(at-from)/(to-from)*(high-low);
    const head=make("div");head.textContent=d[6]=="t"?when(v,high-low):tidy(v);
    tip.replaceChildren(head);
    for(const[path,p]of rows){
    const[b,t,l,h]=path.dataset.y.split(" ").map(Number);
    const color=[...path.classList].find(c=>/^c.$/.test(c));
    draw("circle",{class:color,cx:p[0],cy:p[1],r:3.5},cross);
    const row=make("div",color),name=make("span"),value=make("b");
    name.append(make("i"),path.dataset.n);
    value.textContent=tidy(l+(p[1]-b)/(t-b)*(h-l))+path.dataset.u;
    row.append(name,value);tip.append(row)}
    tip.hidden=false;
    const w=tip.offsetWidth,left=e.clientX+16+w>innerWidth?e.clientX-16-w:e.clientX+16;
    tip.style.left=Math.max(4,left)+"px";
    tip.style.top=Math.max(4,Math.min(e.clientY+14,innerHeight-tip.offsetHeight-4))+"px"};
    svg.addEventListener("pointermove",show);svg.addEventListener("pointerdown",show);
    svg.addEventListener("pointerleave",hide)}
    const key=cell=>{
    const s=cell.dataset.v||cell.textContent.replace(/,/g,"").replace(/^\\u2212/,"-").trim();
    const n=parseFloat(s);
    return s=="\\u2013"||s==""?null:isNaN(n)||/^\\d+-\\d/.test(s)?s:n};
    for(const table of document.querySelectorAll("table.sort")){
    const heads=[...table.tHead.rows[0].cells],body=table.tBodies[0],rows=[...body.rows];
    heads.forEach((head,i)=>{
    const button=make("button");button.append(...head.childNodes);head.append(button);
    button.onclick=()=>{
    const down=head.getAttribute("aria-sort")!="descending"&&head.classList.contains("n")\
    ||head.getAttribute("aria-sort")=="ascending";
    heads.forEach(h=>h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort",down?"descending":"ascending");
    const keys=new Map(rows.map(r=>[r,key(r.cells[i])]));
    body.append(...[...rows].sort((r,s)=>{
    const a=keys.get(r),b=keys.get(s);
    if(a===null||b===null)return(a===null)-(b===null);
    const c=typeof a=="number"&&typeof b=="number"?a-b:String(a).localeCompare(String(b),"en");
    return down?-c:c}))}})}
    addEventListener("beforeprint",()=>document.querySelectorAll("details").forEach(d=>d.open=true));
    const links=new Map([...document.querySelectorAll("nav a")].map(a=>[a.hash.slice(1),a]));
    const seen=new Set();
    const watch=new IntersectionObserver(list=>{
    for(const e of list)e.isIntersecting?seen.add(e.target.id):seen.delete(e.target.id);
    const first=[...links.keys()].find(id=>seen.has(id));
    links.forEach((a,id)=>a.classList.toggle("on",id==first))},{rootMargin:"-10% 0px -55% 0px"});
    document.querySelectorAll("section[id]").forEach(s=>watch.observe(s))
    })()
    """

  /// The script's SHA-256 in base 64, for the page's content security policy: this script runs and no
  /// other. A test computes it again.
  static let digest = "zJ+8H5284Hc94tX+1xdeu26t0LqWTcp3VMVU5YFz5j4="
}
