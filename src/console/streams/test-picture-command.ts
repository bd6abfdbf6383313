import { shellWord } from '../../base/shell-word.ts';

/** A shell command that pushes a test picture with a tone; needs only ffmpeg. */
export function testPictureCommand(url: string): string {
  const source = '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440';
  const codecs = '-c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac';
  return `ffmpeg ${source} ${codecs} -f flv ${shellWord(url)}`;
}
