using System.IO.Compression;
using System.Text;

namespace LipSol.Clips.Tests;

public sealed class MouthClipFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_clip_comes_back_as_it_was_written(bool packed)
    {
        var clip = RandomClip(1, length: 7, height: 12, width: 10);
        var read = MouthClipFile.Read(new MemoryStream(MouthClipFile.ToBytes(clip, packed)));
        Assert.Equal(clip.Frames_THW, read.Frames_THW);
        Assert.Equal((clip.Length, clip.Height, clip.Width, clip.FramesPerSecond), (read.Length, read.Height, read.Width, read.FramesPerSecond));
        Assert.Equal(clip.Quality, read.Quality);
        Assert.Equal(clip.Settings, read.Settings);
        Assert.Equal(clip.Settings.Fingerprint(), read.Settings.Fingerprint());
    }

    [Fact]
    public void Equal_clips_give_equal_bytes() =>
        Assert.Equal(MouthClipFile.ToBytes(RandomClip(2, 5, 8, 8)), MouthClipFile.ToBytes(RandomClip(2, 5, 8, 8)));

    [Fact]
    public void A_clip_on_its_way_is_not_packed()
    {
        var grey = new MouthClip(new byte[5 * 8 * 8], 8, 8, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), 5)], new CropSettings());
        using var zip = new ZipArchive(new MemoryStream(MouthClipFile.ToBytes(grey, packed: false)));
        Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
    }

    [Fact]
    public void The_arrays_start_with_the_header_that_numpy_documents()
    {
        using var zip = new ZipArchive(new MemoryStream(MouthClipFile.ToBytes(RandomClip(3, 4, 6, 5))));
        Assert.Equal(["frames.npy", "source.npy", "confidence.npy", "meta.json"], zip.Entries.Select(e => e.FullName));
        using var frames = zip.GetEntry("frames.npy")!.Open();
        var bytes = new MemoryStream();
        frames.CopyTo(bytes);
        var header = bytes.ToArray();
        Assert.Equal([0x93, .. "NUMPY"u8.ToArray(), 1, 0], header[..8]);
        var length = BitConverter.ToUInt16(header, 8);
        Assert.Equal(0, (10 + length) % 64);
        Assert.StartsWith("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 6, 5), }", Encoding.ASCII.GetString(header, 10, length));
        Assert.Equal(10 + length + 4 * 6 * 5, header.Length);
    }

    [Fact]
    public void Every_truncation_of_a_file_is_refused_as_unusable()
    {
        var bytes = MouthClipFile.ToBytes(RandomClip(4, 3, 8, 8));
        for (var length = 0; length < bytes.Length; length++)
        {
            var refusal = Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(new MemoryStream(bytes[..length])));
            Assert.Equal(UnusableReason.Undecodable, refusal.Reason);
        }
    }

    [Fact]
    public void A_file_with_flipped_bytes_is_read_or_refused_and_nothing_else()
    {
        var original = MouthClipFile.ToBytes(RandomClip(5, 4, 8, 8));
        var random = new Random(5);
        var refused = 0;
        for (var n = 0; n < 4000; n++)
        {
            var bytes = original.ToArray();
            for (var flips = random.Next(1, 5); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                MouthClipFile.Read(new MemoryStream(bytes));
            }
            catch (UnusableClipException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000, $"only {refused} of 4000 damaged files were refused");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"FramesPerSecond\": 25}")]
    [InlineData("{\"FramesPerSecond\": 25, \"Settings\": null}")]
    [InlineData("{\"FramesPerSecond\": -1, \"Settings\": {}}")]
    [InlineData("{\"FramesPerSecond\": 25, \"Settings\": {\"LandmarkModels\": null}}")]
    public void A_file_whose_settings_are_missing_or_senseless_is_refused(string meta)
    {
        var bytes = Replace(MouthClipFile.ToBytes(RandomClip(6, 2, 4, 4)), "meta.json", Encoding.UTF8.GetBytes(meta));
        Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(new MemoryStream(bytes)));
    }

    [Fact]
    public void A_small_file_that_claims_a_huge_array_is_refused_before_memory_is_taken()
    {
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (8000, 256, 256), }".PadRight(117) + "\n";
        byte[] array = [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header)];
        var bytes = Replace(MouthClipFile.ToBytes(RandomClip(7, 2, 4, 4)), "frames.npy", array);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(new MemoryStream(bytes)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Settings_that_unpack_to_megabytes_are_refused_unread()
    {
        var bytes = Replace(MouthClipFile.ToBytes(RandomClip(8, 2, 4, 4)), "meta.json", [.. "{\"x\":\""u8, .. Enumerable.Repeat((byte)'x', 50_000_000)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("meta.json is larger", Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(new MemoryStream(bytes))).Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void A_list_of_very_many_files_is_refused_unread()
    {
        var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
            for (var i = 0; i < 20_000; i++) zip.CreateEntry($"{i}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("list of files", Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(archive)).Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Theory]
    [InlineData("1e-300")]
    [InlineData("0.5")]
    [InlineData("1e9")]
    public void A_frame_rate_that_no_camera_has_is_refused(string rate)
    {
        var bytes = Replace(MouthClipFile.ToBytes(RandomClip(9, 2, 4, 4)), "meta.json", Encoding.UTF8.GetBytes($"{{\"FramesPerSecond\": {rate}, \"Settings\": {{}}}}"));
        Assert.Contains("frame rate", Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(new MemoryStream(bytes))).Message);
    }

    [Fact]
    public void A_missing_file_is_told_to_be_missing() =>
        Assert.Equal(UnusableReason.Missing, Assert.Throws<UnusableClipException>(() => MouthClipFile.Read(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()))).Reason);

    private static MouthClip RandomClip(int seed, int length, int height, int width)
    {
        var random = new Random(seed);
        var frames_THW = new byte[length * height * width];
        random.NextBytes(frames_THW);
        var quality = Enumerable.Range(0, length).Select(_ => new FrameQuality((FrameSource)random.Next(3), random.NextSingle())).ToArray();
        return new MouthClip(frames_THW, height, width, 25, quality, new CropSettings { LandmarkModels = "0123", Extent = 1.25 });
    }

    private static byte[] Replace(byte[] archive, string name, byte[] content)
    {
        var buffer = new MemoryStream();
        buffer.Write(archive);
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry(name)!.Delete();
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(content);
        }

        return buffer.ToArray();
    }
}
