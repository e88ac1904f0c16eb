//! scratch
use mg_forecast::{Fitted, Model, metrics, naive};
use std::collections::BTreeMap;
fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    let n = v.len();
    if n % 2 == 1 {
        v[n / 2]
    } else {
        (v[n / 2 - 1] + v[n / 2]) / 2.0
    }
}
fn mean(v: Vec<f64>) -> f64 {
    let n = v.len() as f64;
    v.iter().sum::<f64>() / n
}
fn env(k: &str, d: f64) -> f64 {
    std::env::var(k).ok().map_or(d, |s| s.parse().unwrap())
}
/// half widths per step
fn widths(fits: &[Fitted], y: &[f64], m: usize, h: usize, logs: bool) -> Vec<f64> {
    let n = y.len();
    let origins = (env("K", 24.0) as usize)
        .min(n.saturating_sub((2 * m).max(6)).max(1))
        .max(1);
    let mut errs: Vec<Vec<f64>> = vec![vec![]; h];
    for k in 1..=origins {
        let t = n - k;
        if t < 4 {
            break;
        }
        let fc: Vec<Vec<f64>> = fits
            .iter()
            .map(|f| f.carried_to(&y[..t]).forecast(h.min(k)))
            .collect();
        for s in 0..h.min(k) {
            let p = median(fc.iter().map(|f| f[s]).collect());
            let e = if logs {
                (y[t + s].max(1e-9) / p.max(1e-9)).ln()
            } else {
                y[t + s] - p
            };
            errs[s].push(e);
        }
    }
    // rms per step, growth exponent by weighted regression
    let rms: Vec<(f64, f64)> = errs
        .iter()
        .map(|e| {
            (
                (e.iter().map(|x| x * x).sum::<f64>() / e.len().max(1) as f64)
                    .sqrt()
                    .max(1e-12),
                e.len() as f64,
            )
        })
        .collect();
    let (mut sw, mut sx, mut sy) = (0.0, 0.0, 0.0);
    for (s, (r, c)) in rms.iter().enumerate() {
        if *c >= 1.0 {
            let x = ((s + 1) as f64).ln();
            sw += c;
            sx += c * x;
            sy += c * r.ln();
        }
    }
    let (mx, my) = (sx / sw, sy / sw);
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for (s, (r, c)) in rms.iter().enumerate() {
        if *c >= 1.0 {
            let x = ((s + 1) as f64).ln() - mx;
            sxx += c * x * x;
            sxy += c * x * (r.ln() - my);
        }
    }
    let p0 = env("P0", 0.5);
    let wp = env("WP", 20.0);
    let p = ((sxy + wp * p0) / (sxx + wp)).clamp(0.0, 1.1);
    let a = my - p * mx;
    // pooled scaled errors
    let curve: Vec<f64> = (0..h)
        .map(|s| (a + p * ((s + 1) as f64).ln()).exp())
        .collect();
    let mut r: Vec<f64> = errs
        .iter()
        .enumerate()
        .flat_map(|(s, e)| e.iter().map(|x| x.abs() / curve[s]).collect::<Vec<_>>())
        .collect();
    r.sort_by(f64::total_cmp);
    let gauss = 1.96 * env("INF", 1.3);
    let q = if r.is_empty() {
        gauss
    } else {
        let k = r.len() as f64;
        let i = ((0.95 * (k + 1.0)).ceil() as usize).min(r.len()) - 1;
        let w = (k / (k + env("W", 60.0)));
        w * r[i] * env("INF", 1.3) + (1.0 - w) * gauss
    };
    curve.iter().map(|c| c * q).collect()
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let every: usize = std::env::args().nth(2).map_or(1, |s| s.parse().unwrap());
    let text = std::fs::read_to_string(path).unwrap();
    let mut all: BTreeMap<(String, String), BTreeMap<String, (f64, f64, f64, f64, f64, f64)>> =
        BTreeMap::new();
    for (i, line) in text.lines().skip(1).enumerate() {
        if i % every != 0 {
            continue;
        }
        let f: Vec<&str> = line.split(',').collect();
        if f[0] == "m4w" {
            continue;
        }
        let m: usize = f[3].parse().unwrap();
        let h: usize = f[4].parse().unwrap();
        let nums = |s: &str| {
            s.split(' ')
                .map(|x| x.parse::<f64>().unwrap())
                .collect::<Vec<_>>()
        };
        let (train, test) = (nums(f[5]), nums(f[6]));
        let group = all.entry((f[0].into(), f[2].into())).or_default();
        let mut add = |name: &str, p: &[f64], w: Option<(Vec<f64>, Vec<f64>)>, t: f64| {
            let e = group.entry(name.into()).or_default();
            e.0 += metrics::smape(&test, p);
            e.1 += metrics::mase(&train, m, &test, p);
            e.2 += 1.0;
            e.3 += t;
            if let Some((lo, up)) = w {
                e.4 += metrics::coverage(&test, &lo, &up);
                e.5 += metrics::msis(&train, m, &test, &lo, &up, 0.05);
            }
        };
        let n2 = naive::naive2(&train, m, h);
        add("0naive2", &n2, None, 0.0);
        let t = std::time::Instant::now();
        let fits: Vec<Fitted> = [Model::Ets, Model::DynamicTheta, Model::Ces, Model::Theta]
            .iter()
            .filter_map(|x| x.fit(&train, m).ok())
            .collect();
        let mut fc: Vec<Vec<f64>> = fits.iter().map(|x| x.forecast(h)).collect();
        while fc.len() < 4 {
            fc.push(n2.clone());
        }
        fc.push(
            Model::Loess
                .fit(&train, m)
                .map_or(fc[1].clone(), |x| x.forecast(h)),
        );
        let comb = |idx: &[usize], g: fn(Vec<f64>) -> f64| -> Vec<f64> {
            (0..h)
                .map(|s| {
                    g(idx
                        .iter()
                        .filter_map(|&i| fc.get(i))
                        .map(|k| k[s])
                        .collect())
                })
                .collect()
        };
        let mut ens: Vec<Fitted> = fits[..fits.len().min(3)].to_vec();
        if m > 1 {
            ens.extend(Model::Loess.fit(&train, m));
        } else {
            ens.extend(fits.get(3).cloned());
        }
        let efc: Vec<Vec<f64>> = ens.iter().map(|x| x.forecast(h)).collect();
        let m3: Vec<f64> = (0..h)
            .map(|s| median(efc.iter().map(|k| k[s]).collect()))
            .collect();
        let logs = train.iter().all(|x| *x > 0.0) && env("LOG", 0.0) > 0.0;
        let w = widths(&ens, &train, m, h, logs);
        let iv = |p: &[f64]| -> (Vec<f64>, Vec<f64>) {
            if logs {
                (
                    p.iter().zip(&w).map(|(p, w)| p * (-w).exp()).collect(),
                    p.iter().zip(&w).map(|(p, w)| p * w.exp()).collect(),
                )
            } else {
                let pos = train.iter().all(|x| *x >= 0.0);
                (
                    p.iter()
                        .zip(&w)
                        .map(|(p, w)| {
                            let v = p - w;
                            if pos { v.max(0.0) } else { v }
                        })
                        .collect(),
                    p.iter().zip(&w).map(|(p, w)| p + w).collect(),
                )
            }
        };
        add("m3", &m3, Some(iv(&m3)), t.elapsed().as_secs_f64());
        for (n, idx, g) in [
            ("dotm", &[1][..], mean as fn(Vec<f64>) -> f64),
            ("ets", &[0], mean),
            ("ces", &[2], mean),
            ("th", &[3], mean),
            ("stl", &[4], mean),
            ("dotm+ets", &[0, 1], mean),
        ] {
            add(n, &comb(idx, g), None, 0.0);
        }
    }
    for ((d, fr), models) in &all {
        let n2 = models["0naive2"];
        println!(
            "--- {d} {fr} naive2 {:.3} {:.3} n={}",
            n2.0 / n2.2,
            n2.1 / n2.2,
            n2.2
        );
        for (name, (s, a, n, t, c, ms)) in models {
            let owa = (s / n / (n2.0 / n2.2) + a / n / (n2.1 / n2.2)) / 2.0;
            print!("{name}:{owa:.3}");
            if *c > 0.0 {
                print!(
                    "[{:.2}/{:.3} cov {:.3} msis {:.2} {:.1}s]",
                    s / n,
                    a / n,
                    c / n,
                    ms / n,
                    t / n * 1000.0
                );
            }
            print!("  ");
        }
        println!();
    }
}
