//! The printed page: A4, four leaflets of A6, dashed lines to cut along.

use super::{Leaflet, qr};
use ledger::money::Fen;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Leaflets on a sheet: two beside each other, two below.
const SHEET: usize = 4;
const CSS: &str = include_str!("page.css");

/// The whole file.
pub fn draw(leaflets: &[Leaflet]) -> String {
    let sheets = leaflets.chunks(SHEET);
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "单户凭条" }
                style { (PreEscaped(CSS)) }
            }
            body {
                p.how { "打印：A4 纸，缩放 100%，不要页眉页脚；沿虚线剪开，当面交给本户。印完请删掉这个文件。" }
                @for sheet in sheets {
                    div.sheet { @for one in sheet { (leaflet(one)) } }
                }
            }
        }
    };
    page.into_string()
}

fn leaflet(it: &Leaflet) -> Markup {
    let (place, of) = it.place;
    html! {
        div.leaflet {
            h1 { (it.village) }
            h2 { (it.title) }
            p.amount { (it.amount) small { " 元" } }
            div.row {
                div.facts {
                    p.name { (it.name) }
                    p { "第 " b { (place) } " 户" }
                    @if it.group > 0 { p { "第 " (it.group) " 组" } }
                    @if let Some((hundredths, measure)) = &it.quantity {
                        p { (decimal(*hundredths)) " " (measure) }
                    }
                    p { "公开编号 " (it.seq) }
                    p { "清单共 " (of) " 户" }
                }
                (code(&it.address))
            }
            p.code { b { "本户码" } @for part in &it.code { " " span { (part) } } }
            p { b { "这是什么：" } "公布的清单里您家这一行的凭据。" }
            p { b { "怎么核对：" } "手机扫码，看和您领到的是不是一样；没有手机的，把本户码念给监督人员，请他查。" }
            p { b { "请收好：" } "谁拿到它，谁就能看到这一行是您家。不要拍照，不要发到群里。" }
        }
    }
}

fn code(address: &str) -> Markup {
    // No address of a row is too long for a QR code; one that is prints without it, and the row code still serves.
    let Ok(qr) = qr::draw(address) else { return html! {} };
    let (from, side) = (-qr::QUIET, qr.size + 2 * qr::QUIET);
    html! {
        svg viewBox=(format!("{from} {from} {side} {side}")) shape-rendering="crispEdges" { path d=(qr.path) {} }
    }
}

/// Hundredths without needless zeros, as amounts are written.
fn decimal(hundredths: u64) -> String {
    let fen = i64::try_from(hundredths).ok().and_then(Fen::new);
    fen.map_or_else(|| format!("{hundredths}/100"), |fen| fen.to_string())
}
