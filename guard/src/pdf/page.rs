//! What a page shows as text, in the order in which it is drawn (ISO 32000-1, 9.4).
//!
//! Runs that touch are joined, so that a number drawn in pieces is whole; a gap becomes a space, a wide one a tab, and
//! another line a line.
//!
//! LIMIT: a number whose digits are not drawn one after another is not put together; hidden layers are read as well.

use super::font::Font;
use super::lex::{Lexer, Operand};
use super::open::Reader;
use crate::attachment::GuardError;
use crate::limits::{MAX_TEXT, TOO_MUCH};
use lopdf::{Dictionary, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Deepest nesting of forms.
const MAX_DEPTH: usize = 12;
/// As many letters in a row that nobody can read might be a number: a mobile has eleven.
const MAX_UNREAD: usize = 10;

type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `m` and then `n`.
fn times(m: &Matrix, n: &Matrix) -> Matrix {
    let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (*m, *n);
    [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u]
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// What was read.
#[derive(Default)]
pub(super) struct Text {
    /// The text.
    pub text: String,
    /// What stands in for text (`ActualText`, `Alt`).
    pub beside: Vec<String>,
    /// Whether anything is painted: letters, shapes, pictures.
    pub painted: bool,
    /// Whether letters stand there that can't be read, enough of them to be a number.
    pub unread: bool,
    /// Whether a part is damaged.
    pub damaged: bool,
    run: usize,
    /// Where the last glyph ended, its direction, and its size.
    pen: Option<([f64; 2], [f64; 2], f64)>,
}

/// Reads content.
pub(super) struct Walk<'a> {
    /// The document.
    pub reader: Reader<'a>,
    /// Forms that were drawn.
    pub forms: BTreeSet<ObjectId>,
    /// By where their dictionaries lie: not every one has a number.
    fonts: BTreeMap<*const Dictionary, Rc<Font>>,
}

impl<'a> Walk<'a> {
    /// At the start.
    pub fn new(reader: Reader<'a>) -> Self {
        Walk { reader, forms: BTreeSet::new(), fonts: BTreeMap::new() }
    }

    /// Reads content with its resources, the nearest first.
    pub fn content(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        out: &mut Text,
    ) -> Result<(), GuardError> {
        let state = State {
            matrix: IDENTITY,
            font: None,
            size: 1.0,
            letter_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.run(content, resources, state, 0, out)
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        mut state: State,
        depth: usize,
        out: &mut Text,
    ) -> Result<(), GuardError> {
        let (mut lexer, mut operands, mut saved) = (Lexer::new(content), Vec::new(), Vec::new());
        let (mut text, mut line) = (IDENTITY, IDENTITY);
        while let Some(operator) = lexer.next(&mut operands) {
            let n = |from_end: usize| match operands.len().checked_sub(from_end).and_then(|i| operands.get(i))
            {
                Some(Operand::Number(number)) => *number,
                _ => 0.0,
            };
            match operator {
                b"q" if saved.len() < 256 => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => state.matrix = times(&[n(6), n(5), n(4), n(3), n(2), n(1)], &state.matrix),
                b"BT" => (text, line) = (IDENTITY, IDENTITY),
                b"Tf" => {
                    state.size = n(1);
                    state.font = self.font(operands.first(), resources)?;
                }
                b"Tc" => state.letter_space = n(1),
                b"Tw" => state.word_space = n(1),
                b"Tz" => state.scale = n(1) / 100.0,
                b"TL" => state.leading = n(1),
                b"Ts" => state.rise = n(1),
                b"Tm" => {
                    line = [n(6), n(5), n(4), n(3), n(2), n(1)];
                    text = line;
                }
                b"Td" | b"TD" => {
                    if operator == b"TD" {
                        state.leading = -n(1);
                    }
                    line = times(&[1.0, 0.0, 0.0, 1.0, n(2), n(1)], &line);
                    text = line;
                }
                b"T*" | b"'" | b"\"" => {
                    if operator == b"\"" {
                        (state.word_space, state.letter_space) = (n(3), n(2));
                    }
                    line = times(&[1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], &line);
                    text = line;
                    let string = operands.last().filter(|_| operator != b"T*");
                    show(string.map(std::slice::from_ref).unwrap_or_default(), &state, &mut text, out)?;
                }
                b"Tj" | b"TJ" => show(&operands, &state, &mut text, out)?,
                b"BDC" | b"DP" => out.beside.extend(operands.iter().filter_map(|o| match o {
                    Operand::Text(text) => Some(super::strings::decode(text)),
                    _ => None,
                })),
                b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"S" | b"s" | b"sh" | b"BI" => {
                    out.painted = true
                }
                b"Do" => self.draw(operands.first(), resources, &state, depth, out)?,
                _ => {}
            }
        }
        out.damaged |= lexer.overfull;
        Ok(())
    }

    /// Draws a form by reading it; a picture is only noticed.
    fn draw(
        &mut self,
        name: Option<&Operand>,
        resources: &[&'a Dictionary],
        state: &State,
        depth: usize,
        out: &mut Text,
    ) -> Result<(), GuardError> {
        let (Some((id, Object::Stream(stream))), true) =
            (self.find(name, b"XObject", resources), depth < MAX_DEPTH)
        else {
            out.damaged = true;
            return Ok(());
        };
        out.painted = true;
        if !stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|t| t == b"Form") {
            return Ok(());
        }
        self.forms.extend(id);
        let mut state = state.clone();
        if let Some(Object::Array(matrix)) = self.reader.deref(&stream.dict, b"Matrix") {
            let mut numbers = matrix.iter().map(|n| n.as_float().map_or(0.0, f64::from));
            state.matrix = times(&IDENTITY.map(|default| numbers.next().unwrap_or(default)), &state.matrix);
        }
        let own = stream.dict.get(b"Resources").ok().and_then(|r| self.reader.dict(r));
        let resources: Vec<&Dictionary> =
            own.into_iter().chain(resources.iter().copied().take(MAX_DEPTH)).collect();
        match self.reader.decode(stream)? {
            Some(content) => self.run(&content, &resources, state, depth + 1, out),
            None => {
                out.damaged = true;
                Ok(())
            }
        }
    }

    /// A resource by its name, and its number when it has one.
    fn find(
        &self,
        name: Option<&Operand>,
        kind: &[u8],
        resources: &[&'a Dictionary],
    ) -> Option<(Option<ObjectId>, &'a Object)> {
        let Some(Operand::Name(name)) = name else { return None };
        let found = resources.iter().find_map(|r| self.reader.dict(r.get(kind).ok()?)?.get(name).ok())?;
        self.reader.doc.dereference(found).ok()
    }

    fn font(
        &mut self,
        name: Option<&Operand>,
        resources: &[&'a Dictionary],
    ) -> Result<Option<Rc<Font>>, GuardError> {
        let Some((_, object)) = self.find(name, b"Font", resources) else { return Ok(None) };
        let Some(dict) = self.reader.dict(object) else { return Ok(None) };
        if let Some(known) = self.fonts.get(&std::ptr::from_ref(dict)) {
            return Ok(Some(known.clone()));
        }
        let font = Rc::new(Font::of(dict, &mut self.reader)?);
        self.fonts.insert(dict, font.clone());
        Ok(Some(font))
    }
}

/// Shows the strings among the operands; numbers between them move the pen.
fn show(operands: &[Operand], state: &State, text: &mut Matrix, out: &mut Text) -> Result<(), GuardError> {
    let vertical = state.font.as_ref().is_some_and(|font| font.vertical);
    let shift = |by: f64, text: &Matrix| {
        let step = if vertical { [0.0, by] } else { [by * state.scale, 0.0] };
        times(&[1.0, 0.0, 0.0, 1.0, step[0], step[1]], text)
    };
    for operand in operands {
        let string = match operand {
            Operand::Text(string) => string,
            Operand::Number(number) => {
                *text = shift(-number / 1000.0 * state.size, text);
                continue;
            }
            Operand::Name(_) => continue,
        };
        let Some(font) = &state.font else {
            out.unread |= !string.is_empty();
            continue;
        };
        for glyph in font.glyphs(string) {
            let device = times(text, &state.matrix);
            let advance = if vertical { -1.0 } else { glyph.width } * state.size;
            let end = times(&shift(advance, text), &state.matrix);
            let axis = if vertical { [-device[2], -device[3]] } else { [device[0], device[1]] };
            let em = (axis[0].hypot(axis[1]) * state.size.abs()).max(1e-6);
            let sign = if state.size < 0.0 { -em } else { em };
            let direction = axis.map(|a| a * state.size.abs() / sign);
            let at = [device[4] + state.rise * device[2], device[5] + state.rise * device[3]];
            out.put(glyph.text.as_deref(), at, direction, em);
            out.pen = Some(([end[4] + at[0] - device[4], end[5] + at[1] - device[5]], direction, em));
            let space = state.letter_space + if glyph.is_space { state.word_space } else { 0.0 };
            *text = shift(advance + if vertical { -space } else { space }, text);
            if out.text.len() > MAX_TEXT {
                return Err(TOO_MUCH);
            }
        }
    }
    Ok(())
}

impl Text {
    fn put(&mut self, glyph: Option<&str>, at: [f64; 2], direction: [f64; 2], em: f64) {
        self.painted = true;
        if let Some((pen, last, size)) = self.pen {
            let gap = [at[0] - pen[0], at[1] - pen[1]];
            let along = gap[0] * last[0] + gap[1] * last[1];
            let aside = (gap[0] * last[1] - gap[1] * last[0]).abs();
            let turned = direction[0] * last[0] + direction[1] * last[1] < 0.9;
            let em = em.min(size);
            if turned || aside > 0.5 * em || along < -em {
                self.text.push('\n');
            } else if along > 1.5 * em {
                self.text.push('\t');
            } else if along > 0.25 * em {
                self.text.push(' ');
            }
        }
        match glyph {
            Some(glyph) => {
                self.text.push_str(glyph);
                if !glyph.trim().is_empty() {
                    self.run = 0;
                }
            }
            None => {
                self.run += 1;
                self.unread |= self.run > MAX_UNREAD;
            }
        }
    }
}
