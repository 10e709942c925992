using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

/// <summary>What a run keeps beside the model: its confusion matrix, its worst clips, all figures with kinds of error, confusions of letters and visemes and reliability, its readings of <c>val</c>, those of <c>test</c> by each decoder.</summary>
internal static class RunArtifacts
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static IReadOnlyDictionary<string, string> Put(JobArtifacts artifacts, TrainingJob job, Models.Training.TrainingResult trained, EvaluationReport report, IReadOnlyDictionary<DecoderKind, Evaluation> byDecoder)
    {
        var kept = new Dictionary<string, string>
        {
            ["confusions.json"] = artifacts.PutBytes(JsonSerializer.SerializeToUtf8Bytes(report.Confusions, Json)),
            ["worst.json"] = artifacts.PutBytes(JsonSerializer.SerializeToUtf8Bytes(report.Worst, Json)),
            ["report.json"] = artifacts.PutBytes(JsonSerializer.SerializeToUtf8Bytes(report, Json)),
        };
        if (job.NetworkSource is { } source) kept["network.cs"] = source;
        if (trained.Val.Count > 0) kept["val-evaluation.json"] = artifacts.PutBytes(EvaluationFile.ToBytes(EvaluationFile.Create(job.DataHash, trained.Val)));
        foreach (var (kind, evaluation) in byDecoder) kept[$"evaluation-{DecoderNames.Of(kind)}.json"] = artifacts.PutBytes(EvaluationFile.ToBytes(evaluation));
        return kept;
    }
}
