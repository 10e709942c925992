using LipSol.Client;

namespace LipSol.Notebooks;

internal static class NetworkHtml
{
    public static string Of(UserNetwork network)
    {
        var rows = string.Concat(network.Parameters.Select(p => $"<tr><td>{Markup.Encode(p.Name)}</td><td class=\"number\">{Markup.Encode(p.Default)}</td><td class=\"soft\">{Markup.Encode(p.Meaning)}</td></tr>"));
        return $"<div class=\"card\"><h4>{Markup.Encode(network.Name)} <span class=\"soft\">revision {network.Revision}</span> <span class=\"badge good\">ready to train</span></h4>"
            + Markup.Invariant($"<div class=\"facts\"><span>reads {(network.Reads == "word" ? "a word" : "sentences")}</span><span>{network.WeightCount:N0} weights</span><span>ONNX within {network.OnnxMaxAbsDifference:0.0e0} of torch</span>")
            + $"<span>tried on {Markup.Encode(network.Corpus)} {Markup.Short(network.DataHash)}</span><span>source {Markup.Short(network.Source)}</span></div>"
            + (rows.Length > 0 ? $"<table><tr><th>parameter</th><th>default</th><th></th></tr>{rows}</table>" : "") + "</div>";
    }
}
