namespace LipSol.Vision.Tests;

/// <summary>Real recordings, where they are at hand.</summary>
public sealed class GridTests
{
    [Fact]
    public void Clips_of_six_real_speakers_are_tracked_and_the_lips_are_inside_the_crop()
    {
        using var cropper = new MouthCropper();
        int frames = 0, tracked = 0;
        foreach (var path in Grid.Speaker1(8).Concat(Grid.OtherSpeakers()))
        {
            var result = cropper.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken);
            frames += result.SourceFrames;
            tracked += result.TrackedFrames;
            Assert.Equal((75, 25.0, 1), (result.Clip.Length, result.SourceFramesPerSecond, result.FacesSeen));
            foreach (var face in result.Faces)
            {
                // The mouth lies across the face, level, of a mouth's size.
                var width = face.LipCornerLeft.DistanceTo(face.LipCornerRight);
                Assert.InRange(width / face.FaceWidth, 0.22, 0.52);
                Assert.InRange(Math.Abs(face.LipCornerLeft.Y - face.LipCornerRight.Y), 0, 0.35 * width);
                Assert.InRange(face.LipGap / face.FaceWidth, 0, 0.30);
            }
        }

        Assert.True(tracked >= 0.995 * frames, $"{tracked} of {frames} frames tracked");
    }

    [Fact]
    public void The_darkest_line_of_a_closed_real_mouth_is_in_the_middle_of_the_crop()
    {
        using var cropper = new MouthCropper();
        foreach (var path in Grid.OtherSpeakers())
        {
            var result = cropper.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken);
            var (size, frames) = (result.Clip.Height, result.Clip.Frames_THW);
            // The row, within the middle half of the columns, that is darkest on average over the clip: where the lips meet.
            var darkest = Enumerable.Range(size / 4, size / 2).MinBy(y => Enumerable.Range(0, result.Clip.Length).Average(t => Enumerable.Range(size / 4, size / 2).Average(x => frames[(t * size + y) * size + x])));
            Assert.InRange(darkest, 0.30 * size, 0.62 * size);
        }
    }

    [Fact]
    [Trait("Category", "Long")]
    public void Of_speaker_1_at_most_three_clips_are_refused_and_99_and_a_half_percent_of_the_frames_are_tracked()
    {
        long frames = 0, tracked = 0, refused = 0;
        Parallel.ForEach(Grid.Speaker1(int.MaxValue), () => new MouthCropper(), (path, _, cropper) =>
        {
            try
            {
                var result = cropper.Crop(path, MouthCropper.DefaultSettings);
                Interlocked.Add(ref frames, result.SourceFrames);
                Interlocked.Add(ref tracked, result.TrackedFrames);
            }
            catch (UnusableClipException)
            {
                Interlocked.Increment(ref refused);
            }

            return cropper;
        }, cropper => cropper.Dispose());
        Assert.InRange(refused, 0, 3);
        Assert.True(tracked >= 0.995 * frames, $"{tracked} of {frames} frames tracked");
    }
}
