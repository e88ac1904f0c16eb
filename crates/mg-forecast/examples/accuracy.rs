//! scratch
use mg_forecast::{metrics, naive, auto};
use std::collections::BTreeMap;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let only = std::env::args().nth(2).unwrap_or_default();
    let text = std::fs::read_to_string(path).unwrap();
    let mut all: BTreeMap<(String,String), [[f64;6];2]> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        if f[0]=="m4w" || (!only.is_empty() && !only.contains(f[2])) {continue;}
        let m: usize = f[3].parse().unwrap(); let h: usize = f[4].parse().unwrap();
        let nums = |s:&str| s.split(' ').map(|x| x.parse::<f64>().unwrap()).collect::<Vec<_>>();
        let (train,test) = (nums(f[5]), nums(f[6]));
        let g = all.entry((f[0].into(), f[2].into())).or_default();
        let n2 = naive::naive2(&train,m,h);
        g[0][0]+=metrics::smape(&test,&n2); g[0][1]+=metrics::mase(&train,m,&test,&n2); g[0][2]+=1.0;
        let t=std::time::Instant::now();
        let p = auto(&train,m,h,0.95).unwrap();
        g[1][3]+=t.elapsed().as_secs_f64(); g[1][2]+=1.0;
        g[1][0]+=metrics::smape(&test,&p.points); g[1][1]+=metrics::mase(&train,m,&test,&p.points);
        g[1][4]+=metrics::coverage(&test,&p.lower,&p.upper); g[1][5]+=metrics::msis(&train,m,&test,&p.lower,&p.upper,0.05);
    }
    for ((d,fr),[b,a]) in &all {
        println!("{d:8} {fr} owa {:.3}  {:.2}/{:.3} cov {:.3} msis {:.2} {:.1}s", (a[0]/b[0]+a[1]/b[1])/2.0, a[0]/a[2], a[1]/a[2], a[4]/a[2], a[5]/a[2], a[3]/a[2]*1000.0);
    }
}
