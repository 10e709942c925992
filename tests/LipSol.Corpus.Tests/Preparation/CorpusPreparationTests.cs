using System.Collections.Concurrent;
using LipSol.Clips;
using LipSol.Corpus.Import;
using LipSol.Corpus.Preparation;

namespace LipSol.Corpus.Tests.Preparation;

public sealed class CorpusPreparationTests : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _source = new();

    public void Dispose()
    {
        _data.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task Mouth_clips_are_stored_refusals_kept_with_their_reason_and_the_name_points_at_the_result()
    {
        var catalog = new CorpusCatalog(_data.Path);
        var cropper = new ByteCropper();
        var progress = new Collected();

        var prepared = await new CorpusPreparation(catalog, cropper, 2).PrepareAsync(Draft(10, faceless: 3), progress, TestContext.Current.CancellationToken);

        Assert.Equal(prepared.DataHash, catalog.Get("c").DataHash);
        var refused = prepared.Manifest.Clips.Single(c => c.Refused is not null);
        Assert.Equal(("clip03.mp4: no face in 100 % of frames", null), (refused.Refused, refused.MouthClip));
        foreach (var clip in prepared.Manifest.Clips.Where(c => c.Refused is null))
        {
            using var stored = catalog.Artifacts.OpenRead(clip.MouthClip!, verify: true);
            var mouth = MouthClipFile.Read(stored);
            Assert.Equal((clip.Frames, clip.TrackedFrames), (mouth.Length, mouth.Length - 1));
        }
        Assert.Equal(cropper.Settings, prepared.Manifest.Crops);
        var last = progress.Reports.MaxBy(p => p.Done)!;
        Assert.Equal((10, 10, 0, 1), (last.Done, last.Total, last.Reused, last.Refused));
        Assert.Equal(10, progress.Reports.Count);
        Assert.True(cropper.MostAtOnce <= 2);
    }

    [Fact]
    public async Task A_second_preparation_crops_nothing_and_gives_the_same_hash_from_another_folder_too()
    {
        var catalog = new CorpusCatalog(_data.Path);
        var first = await Prepare(new ByteCropper());
        var again = new ByteCropper();
        var second = await Prepare(again);
        Assert.Equal(first.DataHash, second.DataHash);
        Assert.Equal((0, 6), (again.Cropped.Count, second.Reused));

        using var elsewhere = new TemporaryFolder();
        using var moved = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(_source.Path)) File.Copy(file, Path.Combine(moved.Path, Path.GetFileName(file)));
        var other = await new CorpusPreparation(new CorpusCatalog(elsewhere.Path), new ByteCropper(), 1)
            .PrepareAsync(LabelsCsvImporter.Import(moved.Path, new ImportOptions { Name = "c" }), null, TestContext.Current.CancellationToken);
        Assert.Equal(first.DataHash, other.DataHash);

        var changed = new ByteCropper(new CropSettings { Revision = 2 });
        await Prepare(changed);
        Assert.Equal(6, changed.Cropped.Count);

        Task<PreparedCorpus> Prepare(ByteCropper cropper) => new CorpusPreparation(catalog, cropper, 2).PrepareAsync(Draft(6, faceless: 2), null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_interrupted_preparation_goes_on_where_it_was_and_the_name_stays_until_then()
    {
        var catalog = new CorpusCatalog(_data.Path);
        using var stop = new CancellationTokenSource();
        var cropper = new ByteCropper { AfterEach = n => { if (n == 4) stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new CorpusPreparation(catalog, cropper, 1).PrepareAsync(Draft(10), null, stop.Token));
        Assert.Null(catalog.Find("c"));

        var rest = new ByteCropper();
        var prepared = await new CorpusPreparation(catalog, rest, 1).PrepareAsync(Draft(10), null, TestContext.Current.CancellationToken);
        Assert.Equal((6, 4), (rest.Cropped.Count, prepared.Reused));
    }

    [Fact]
    public async Task A_lost_mouth_clip_or_a_damaged_cache_entry_is_made_again_and_a_timeout_is_tried_again()
    {
        var catalog = new CorpusCatalog(_data.Path);
        var prepared = await new CorpusPreparation(catalog, new ByteCropper(), 1).PrepareAsync(Draft(5, slow: 4), null, TestContext.Current.CancellationToken);
        File.Delete(catalog.Artifacts.PathOf(prepared.Manifest.Clips[0].MouthClip!));
        File.WriteAllText(Directory.EnumerateFiles(Path.Combine(_data.Path, "cache"), $"{prepared.Manifest.Clips[1].ContentHash[2..]}.json", SearchOption.AllDirectories).Single(), "{");
        var cropper = new ByteCropper();
        await new CorpusPreparation(catalog, cropper, 1).PrepareAsync(Draft(5, slow: 4), null, TestContext.Current.CancellationToken);
        Assert.Equal(["clip00.mp4", "clip01.mp4", "clip04.mp4"], cropper.Cropped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_corpus_without_one_usable_clip_is_refused_with_every_reason()
    {
        var catalog = new CorpusCatalog(_data.Path);
        var refused = await Assert.ThrowsAsync<CorpusProblemsException>(() => new CorpusPreparation(catalog, new ByteCropper(), 1).PrepareAsync(Draft(1, faceless: 0)));
        Assert.Contains("no face", refused.Message, StringComparison.Ordinal);
        Assert.Null(catalog.Find("c"));
    }

    private CorpusDraft Draft(int clips, int faceless = -1, int slow = -1)
    {
        for (var i = 0; i < clips; i++) _source.Write($"clip{i:00}.mp4", i == faceless ? $"faceless {i}" : i == slow ? $"slow {i}" : $"face {i}");
        _source.Write("labels.csv", "path,speaker,split,text\n" + string.Concat(Enumerable.Range(0, clips).Select(i => $"clip{i:00}.mp4,s{i % 3},{(i % 3 == 0 ? "train" : i % 3 == 1 ? "val" : "test")},{(i % 2 == 0 ? "ایک" : "دو")}\n")));
        return LabelsCsvImporter.Import(_source.Path, new ImportOptions { Name = "c" });
    }

    private sealed class Collected : IProgress<PreparationProgress>
    {
        public ConcurrentBag<PreparationProgress> Reports { get; } = [];

        public void Report(PreparationProgress value) => Reports.Add(value);
    }

    /// <summary>A cropper that makes a clip of the file's bytes, so that these tests need no video.</summary>
    private sealed class ByteCropper(CropSettings? settings = null) : ICropper
    {
        private int _running;

        public CropSettings Settings { get; } = settings ?? new CropSettings();

        public ConcurrentBag<string> Cropped { get; } = [];

        public int MostAtOnce { get; private set; }

        public Action<int> AfterEach { get; init; } = _ => { };

        public MouthClip Crop(string path, CancellationToken cancellationToken)
        {
            lock (Cropped) MostAtOnce = Math.Max(MostAtOnce, ++_running);
            try
            {
                var bytes = File.ReadAllBytes(path);
                Cropped.Add(Path.GetFileName(path));
                if (bytes.AsSpan().StartsWith("faceless"u8)) throw new UnusableClipException(UnusableReason.NoFace, $"{path}: no face in 100 % of frames");
                if (bytes.AsSpan().StartsWith("slow"u8)) throw new UnusableClipException(UnusableReason.TimedOut, "took too long");
                AfterEach(Cropped.Count);
                return new MouthClip(bytes, 1, 1, 25, [.. bytes.Select((_, t) => new FrameQuality(t == 0 ? FrameSource.Interpolated : FrameSource.Tracked, 1))], Settings);
            }
            finally
            {
                lock (Cropped) _running--;
            }
        }
    }
}
