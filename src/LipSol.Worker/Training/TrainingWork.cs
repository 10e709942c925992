using System.Globalization;
using LipSol.Corpus;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Models.Training;
using LipSol.Worker.Networks;
using LipSol.WorkerProtocol;
using TrainingResult = LipSol.WorkerProtocol.TrainingResult;

namespace LipSol.Worker.Training;

/// <summary>The exported model gives something else than the trained one.</summary>
internal sealed class ModelDiffersException(string message) : InvalidOperationException(message);

/// <summary>Trains one run: data by its hash in, a checked model version with its evaluation out.</summary>
internal sealed class TrainingWork(WorkerChannel channel, TrainingJob job)
{
    /// <summary>Larger than this, the exported model isn't the trained one.</summary>
    private const double LargestDifference = 1e-4;

    private readonly JobArtifacts artifacts = new(job.ArtifactRoot, job.OutRoot);

    public async Task<JobResult?> RunAsync()
    {
        if (job.NetworkSource is { } source)
        {
            channel.Report(0, 0, "compiling");
            NetworkCompiler.Register(job.Network, System.Text.Encoding.UTF8.GetString(artifacts.ReadBytes(source)));
        }

        channel.Report(0, 0, "loading");
        var manifest = ManifestFile.Read(artifacts.ReadBytes(job.DataHash));
        var metrics = new MetricBatcher(batch => channel.SendAsync(batch));
        var reporter = new RunReporter(channel, artifacts, metrics, job.InitFrom, TimeProvider.System);
        Models.Training.TrainingResult trained;
        await using (metrics)
        {
            trained = await TrainingRun.Run(Request(manifest), reporter, channel.StopRequested);
        }
        await channel.DrainAsync();
        if (trained.OnnxPath is null) return null;
        Console.WriteLine($"trained on {trained.Device}: {trained.Summary.Epochs} epochs, {trained.Summary.Steps} steps, best epoch {trained.Summary.BestEpoch}, ended by {trained.Summary.End}, {trained.Summary.ClipsPerSecond:0.0} clips/s, {trained.WeightCount} weights");

        channel.Report(trained.Summary.Steps, 1, "exporting");
        var evaluation = EvaluationFile.Create(job.DataHash, trained.Test);
        var byDecoder = trained.TestByDecoder.ToDictionary(d => d.Key, d => EvaluationFile.Create(job.DataHash, d.Value));
        var report = EvaluationReport.From(evaluation) with { Decoders = byDecoder.Count == 0 ? null : DecoderFigures.Of(byDecoder) };
        if (trained.Decoders is { } decoders) foreach (var settings in decoders.Settings) Console.WriteLine(Describe(settings, decoders.Default, report));
        var (model, difference) = new ModelFolder(job, manifest, trained, report).Write(artifacts);
        Console.WriteLine($"logits of torch and ONNX Runtime differ by at most {difference:0.0e+0} on {trained.Probes.Count} real clips");
        if (!(difference <= LargestDifference))
            throw new ModelDiffersException($"The exported model differs from the trained one by {difference:0.0e+0} (at most {LargestDifference:0e+0} is allowed). A layer's ONNX node doesn't do what its forward does.");
        return new TrainingResult
        {
            ModelArtifact = model,
            EvaluationArtifact = artifacts.PutBytes(EvaluationFile.ToBytes(evaluation)),
            Figures = report.Figures.Concat(DecoderFigures.Flat(report.Decoders ?? new Dictionary<string, IReadOnlyDictionary<string, Figure>>())).ToDictionary(f => f.Key, f => new FigureValue(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count)),
            OnnxMaxAbsDifference = difference,
            WeightCount = trained.WeightCount,
            Artifacts = RunArtifacts.Put(artifacts, job, trained, report, byDecoder),
        };
    }

    private static string Describe(DecoderSettings settings, DecoderKind chosen, EvaluationReport report)
    {
        var kind = DecoderNames.Of(settings.Kind);
        var figures = report.Decoders![kind];
        var weights = settings.Kind == DecoderKind.Greedy ? "" : string.Create(CultureInfo.InvariantCulture, $", beam {settings.BeamWidth}, language model {settings.LanguageModelWeight:0.##}, letter bonus {settings.LetterBonus:0.##}");
        return string.Create(CultureInfo.InvariantCulture, $"decoder {kind}{(settings.Kind == chosen ? " (the default)" : "")}{weights}: test WER {100 * figures[Metric.Wer].Value:0.0} %, CER {100 * figures[Metric.Cer].Value:0.0} %");
    }

    private TrainingRequest Request(CorpusManifest manifest) => new()
    {
        Manifest = manifest,
        DataHash = job.DataHash,
        OpenMouthClip = hash => artifacts.OpenRead(hash, verify: true),
        Network = job.Network,
        Parameters = job.Parameters,
        Seed = job.Seed,
        Threads = Math.Max(1, job.Threads),
        Device = job.Device,
        WorkFolder = job.WorkFolder,
        ResumeFrom = job.ResumeFrom is null ? null : Fetch(job.ResumeFrom),
        InitFrom = job.InitFrom is { } from ? StartingWeights.Open(from, artifacts) : null,
        RunId = job.RunId,
        CodeVersion = job.CodeVersion,
    };

    /// <summary>A copy of the checkpoint: the artifact itself is never touched.</summary>
    private string Fetch(string checkpoint)
    {
        Directory.CreateDirectory(job.WorkFolder);
        var path = Path.Combine(job.WorkFolder, "resume.lipsol");
        using var source = artifacts.OpenRead(checkpoint, verify: true);
        using var copy = File.Create(path);
        source.CopyTo(copy);
        return path;
    }
}
