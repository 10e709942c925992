using System.CommandLine;
using LipSol.Artifacts;
using LipSol.Cli.CommandLine;
using LipSol.Corpus;
using LipSol.Corpus.Samples;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus check</c>: reads the data folder; no node is needed.</summary>
internal static class CorpusCheck
{
    private const string Words = "words", Sentences = "sentences";

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The corpus." };
        var use = new Option<string?>("--for") { Description = "Only what a model of this kind needs: words or sentences [default: both]." };
        use.AcceptOnlyFromAmong(Words, Sentences);
        return new CliCommand("check", "Whether every mouth clip is there and undamaged, and whether models of words and of sentences can be trained: splits, copies, transcripts, letters and lengths, clip by clip.",
                "lipsol corpus check grid", "lipsol corpus check clinic --for sentences --json")
            .With(name, use).Does(call =>
            {
                var (hash, manifest) = CorpusViews.Get(call, call.Value(name));
                var damaged = Damaged(call, manifest);
                var uses = call.Value(use) is { } one ? [one] : new[] { Words, Sentences };
                var found = uses.ToDictionary(u => u, u => u == Words ? WordModelCheck.Problems(manifest) : SentenceModelCheck.Problems(manifest));
                var remarks = uses.Contains(Words) ? WordModelCheck.Remarks(manifest) : [];
                // What both kinds stumble over is told once.
                var problems = found.SelectMany(f => f.Value.Select(p => (Use: f.Key, Problem: p))).GroupBy(p => p.Problem).Select(g => (Problem: g.Key, Uses: g.Select(p => p.Use).ToArray()))
                    .OrderBy(p => p.Problem.File == manifest.Name ? "" : p.Problem.File, StringComparer.Ordinal).ToArray();

                foreach (var (clip, reason) in damaged) call.Terminal.Line($"{clip}: {reason}");
                foreach (var (problem, by) in problems) call.Terminal.Line(by.Length == 2 || uses.Length == 1 ? problem.ToString() : $"{problem} (for {by[0]})");
                foreach (var remark in remarks) call.Terminal.Line($"note: {remark}");
                var clips = manifest.Clips.Count(c => c.MouthClip is not null);
                call.Terminal.Line(damaged.Count == 0 ? $"{manifest.Name}: {clips} mouth clips, all whole" : $"{manifest.Name}: {damaged.Count} of {clips} mouth clips are missing or damaged. Import it again to make them anew.");
                foreach (var (kind, some) in found) call.Terminal.Line($"{kind}: {(some.Count == 0 ? "a model can be trained" : $"{(some.Count == 1 ? "1 problem" : $"{some.Count} problems")} to mend before a model can be trained")}");
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(new
                    {
                        name = manifest.Name,
                        dataHash = hash,
                        mouthClips = clips,
                        trainable = found.ToDictionary(f => f.Key, f => f.Value.Count == 0),
                        damaged = damaged.Select(d => new { clip = d.Clip, reason = d.Reason }),
                        problems = problems.Select(p => new { clip = p.Problem.File == manifest.Name ? null : p.Problem.File, reason = p.Problem.Message, @for = p.Uses }),
                        notes = remarks.Select(r => new { clip = r.File, reason = r.Message }),
                    });
                }
                return Task.FromResult(damaged.Count + problems.Length == 0 ? ExitStatus.Done : ExitStatus.Failed);
            });
    }

    private static List<(string Clip, string Reason)> Damaged(Invocation call, CorpusManifest manifest)
    {
        var artifacts = new CorpusCatalog(call.SharedFolder).Artifacts;
        var damaged = new List<(string, string)>();
        var clips = manifest.Clips.Where(c => c.MouthClip is not null).ToArray();
        using var progress = call.Terminal.Progress("checking", "clips");
        for (var i = 0; i < clips.Length; i++)
        {
            call.Cancelled.ThrowIfCancellationRequested();
            try
            {
                using var content = artifacts.OpenRead(clips[i].MouthClip!, verify: true);
            }
            catch (Exception e) when (e is ArtifactNotFoundException or ArtifactDamagedException)
            {
                damaged.Add((clips[i].Path, e.Message));
            }
            progress.Report(i + 1, clips.Length);
        }
        return damaged;
    }
}
