namespace LipSol.Notebooks;

/// <summary>Figures' names as people read them.</summary>
internal static class MetricText
{
    /// <summary><c>word_accuracy.unseen</c> → <c>Word accuracy, unseen speakers</c>.</summary>
    public static string Of(string metric)
    {
        var dot = metric.IndexOf('.', StringComparison.Ordinal);
        var (kind, scope) = dot < 0 ? (metric, "") : (metric[..dot], metric[(dot + 1)..]);
        var name = kind switch { "wer" => "WER", "cer" => "CER", "ger" => "GER", _ => char.ToUpperInvariant(kind[0]) + kind[1..].Replace('_', ' ') };
        return scope switch { "" => name, "seen" or "unseen" => $"{name}, {scope} speakers", _ => $"{name}, {scope.Replace("speaker:", "speaker ", StringComparison.Ordinal)}" };
    }
}
