//! scratch
use mg_forecast::{ces::Ces, ets::Ets, metrics, naive, theta::{Theta, Variant}};
use std::collections::BTreeMap;
fn median(mut v: Vec<f64>) -> f64 { v.sort_by(f64::total_cmp); let n=v.len(); if n%2==1 {v[n/2]} else {(v[n/2-1]+v[n/2])/2.0} }
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let every: usize = std::env::args().nth(2).map_or(1, |s| s.parse().unwrap());
    let text = std::fs::read_to_string(path).unwrap();
    // group -> model -> (smape, mase, n, time)
    let mut all: BTreeMap<(String,String), BTreeMap<&'static str,(f64,f64,f64,f64)>> = BTreeMap::new();
    for (i,line) in text.lines().skip(1).enumerate() {
        if i % every != 0 { continue; }
        let f: Vec<&str> = line.split(',').collect();
        let m: usize = f[3].parse().unwrap(); let h: usize = f[4].parse().unwrap();
        let nums = |s:&str| s.split(' ').map(|x| x.parse::<f64>().unwrap()).collect::<Vec<_>>();
        let (train,test) = (nums(f[5]), nums(f[6]));
        let group = all.entry((f[0].into(), f[2].into())).or_default();
        let mut kept = vec![];
        let mut run = |name: &'static str, fc: &mut dyn FnMut()->Vec<f64>| {
            let t = std::time::Instant::now();
            let p = fc();
            let e = group.entry(name).or_default();
            let (s,a)=(metrics::smape(&test,&p), metrics::mase(&train,m,&test,&p));
            if !s.is_finite() || !a.is_finite() { eprintln!("{name} {} not finite", f[1]); return p; }
            e.0 += s; e.1 += a; e.2 += 1.0; e.3 += t.elapsed().as_secs_f64();
            p
        };
        let n2 = run("0naive2", &mut || naive::naive2(&train,m,h));
        kept.push(run("1ets", &mut || Ets::select(&train,m).map_or(n2.clone(), |x| x.forecast(h))));
        kept.push(run("2dotm", &mut || Theta::fit(&train,m,Variant::DynamicOptimised).map_or(n2.clone(), |x| x.forecast(h))));
        kept.push(run("3ces", &mut || Ces::select(&train,m).map_or(n2.clone(), |x| x.forecast(h))));
        let th = run("4theta", &mut || Theta::fit(&train,m,Variant::Standard).map_or(n2.clone(), |x| x.forecast(h)));
        run("5median3", &mut || (0..h).map(|s| median(kept.iter().map(|k| k[s]).collect())).collect());
        kept.push(th);
        run("6median4", &mut || (0..h).map(|s| median(kept.iter().map(|k| k[s]).collect())).collect());
    }
    for ((d,fr),models) in &all {
        let n2 = models["0naive2"];
        for (name,(s,a,n,t)) in models {
            let owa = (s/n/(n2.0/n2.2) + a/n/(n2.1/n2.2))/2.0;
            println!("{d:8} {fr} {name:10} {:7.3} {:7.3} {owa:6.3}  {:7.2} s/1000", s/n, a/n, t/n*1000.0);
        }
    }
}
