//! Whether images are of the format they are said to be.

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::{ContentBlock, ImageBlock, ImageFormat, ImageSource, ToolResultContentBlock};

pub(super) fn format(view: View<'_>) -> Vec<Finding> {
    let own = view.blocks().filter_map(|(m, b, block)| match block {
        ContentBlock::Image(image) => Some((Path::block(m, b), image)),
        _ => None,
    });
    let inner = view.result_parts().filter_map(|(path, part)| match part {
        ToolResultContentBlock::Image(image) => Some((path, image)),
        _ => None,
    });
    own.chain(inner).filter_map(|(path, image)| wrong_format(path, image)).collect()
}

fn wrong_format(path: Path, image: &ImageBlock) -> Option<Finding> {
    let ImageSource::Bytes(bytes) = &image.source else { return None };
    let found = sniff(bytes);
    if found.as_ref() == Some(&image.format) || matches!(image.format, ImageFormat::Unknown(_)) {
        return None;
    }
    let path = path.member("image").member("format");
    let format = &image.format;
    Some(match found {
        Some(found) => {
            let message = format!("the bytes are of the format {found}, not {format}");
            let edit = Edit::set_text(path.clone(), found.as_str());
            Finding::new(Rule::ImageFormat, path, message).fix([edit])
        }
        None => {
            let message = format!("the bytes do not start as those of the format {format} do");
            Finding::new(Rule::ImageFormat, path, message)
        }
    })
}

/// The format that the first bytes tell: PNG (W3C PNG, 5.2), JPEG (ITU T.81,
/// B.1.1), GIF (version 89a, 17), WebP (RFC 9649, 2.4).
fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::Webp),
        _ => None,
    }
}
