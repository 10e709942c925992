using System.Globalization;
using System.Text;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Worker.Training;

/// <summary>The page that goes with a model (Mitchell et al. 2019, https://arxiv.org/abs/1810.03993): what it reads, how well, for whom, made of what.</summary>
internal static class ModelCard
{
    public static string Text(ModelManifest model, CorpusManifest corpus, Models.Training.TrainingResult trained, EvaluationReport report)
    {
        var text = new StringBuilder();
        Line($"# {model.Network} for {corpus.Name}");
        Line(model.Task == ModelTask.Word
            ? $"Reads one of {model.Vocabulary.Count} words ({model.Language}) from a silent clip of a mouth."
            : $"Reads text ({model.Language}, {model.Vocabulary.Count - 1} letters) from a silent clip of a mouth, letter by letter.");
        Line(model.Synthetic
            ? "**Trained on drawn speakers only.** Its figures say nothing about people."
            : "Trained on recordings of people; see the corpus for who they are and what may be done with them.");
        Line("## Where it comes from");
        Line($"- run `{model.RunId}`, code `{model.CodeVersion}`, data `{model.DataHash}` (corpus {corpus.Name}){(corpus.Attribution is { } a ? $"\n- {a}" : "")}");
        Line($"- {trained.WeightCount} weights; {trained.Summary.Epochs} epochs, the best was {trained.Summary.BestEpoch}; ended by {trained.Summary.End}; on {trained.Device}");
        if (model.StartedFrom is { } start) Line(Start(start, trained));
        Line("- " + string.Join(", ", model.Parameters.Select(p => $"{p.Key} {p.Value}")));
        Line("## How well it reads (test split, 95 % intervals by bootstrap over clips)");
        if (model.Decoding is { } decoding) Line(Decoders(decoding, report));
        string[] figures = model.Task == ModelTask.Word ? [Metric.WordAccuracy] : [Metric.Wer, Metric.Cer, Metric.SentenceAccuracy];
        Line("| test clips | figure | | n |\n|---|---|---|---|\n" + string.Join('\n', figures.SelectMany(kind => report.Figures.Where(f => f.Key.Split('.')[0] == kind)).Select(f =>
            string.Create(CultureInfo.InvariantCulture, $"| {(f.Key.Contains('.') ? f.Key[(f.Key.IndexOf('.') + 1)..] : "all")} | {f.Key.Split('.')[0].Replace('_', ' ')} | {100 * f.Value.Value:0.0} % [{100 * f.Value.Low:0.0}, {100 * f.Value.High:0.0}] | {f.Value.Count} |"))));
        var confidence = model.Decoding is null ? string.Create(CultureInfo.InvariantCulture, $"temperature {model.Temperature:0.###}, calibration error {100 * report.CalibrationError:0.0} %")
            : string.Create(CultureInfo.InvariantCulture, $"calibration error of words {100 * (report.WordReliability?.ExpectedError ?? 0):0.0} %, of sentences {100 * report.CalibrationError:0.0} %");
        Line(string.Create(CultureInfo.InvariantCulture, $"Confidence: {confidence}. Torch against ONNX Runtime: logits differ by at most {model.OnnxMaxAbsDifference:0.0e+0}."));
        if (report.EstimatedTimes > 0) Line($"{report.EstimatedTimes} test samples have estimated word times.");
        if (model.Homophenes.Count > 0) Line("## What it can't tell apart\nThese look the same on the lips: " + string.Join("; ", model.Homophenes.Select(g => string.Join(" ", g))));
        Line("## What to give it");
        Line(string.Create(CultureInfo.InvariantCulture, $"Mouth clips as `lipsol crop` makes them ({model.Crop.Size}×{model.Crop.Size}, {model.Crop.FramesPerSecond:0.##} frames/s, settings `{model.Crop.Fingerprint()}`); others are refused. Reading lips can't tell consent: use it on people who agreed."));
        return text.ToString();

        void Line(string line) => text.Append(line).Append("\n\n");
    }

    private static string Start(ModelStart start, Models.Training.TrainingResult trained) =>
        $"- its encoder started from the {start.Kind} `{start.Id}` (weights `{start.Weights}`): {trained.Init?.Matched.Count} weights matched. {string.Join(' ', StartingWeights.DataBehind(start))}";

    private static string Decoders(ModelDecoding decoding, EvaluationReport report)
    {
        var text = new StringBuilder($"Decoded by `{DecoderNames.Of(decoding.Default)}` where nothing else is asked for. What each decoder makes of the same clips:\n\n| decoder | test clips | WER | CER | n |\n|---|---|---|---|---|\n");
        foreach (var (decoder, figures) in report.Decoders ?? new Dictionary<string, IReadOnlyDictionary<string, Figure>>())
            foreach (var scope in new[] { "", ".seen", ".unseen" }.Where(s => figures.ContainsKey(Metric.Wer + s)))
                text.Append(CultureInfo.InvariantCulture, $"| {decoder} | {(scope.Length == 0 ? "all" : scope[1..])} | {Percent(figures[Metric.Wer + scope])} | {Percent(figures[Metric.Cer + scope])} | {figures[Metric.Wer + scope].Count} |\n");
        if (decoding.Decoders.Any(d => d.Kind == DecoderKind.Grammar)) text.Append("\n`grammar` is right only for sentences of the corpus' grammar: whatever else is said, it reads one of those.\n");
        return text.Append("\nThe rest is about the default decoder.").ToString();
    }

    private static string Percent(Figure f) => string.Create(CultureInfo.InvariantCulture, $"{100 * f.Value:0.0} % [{100 * f.Low:0.0}, {100 * f.High:0.0}]");
}
