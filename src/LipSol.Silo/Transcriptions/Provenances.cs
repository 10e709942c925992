using LipSol.Client;
using LipSol.Contracts.Serving;
using LipSol.Silo.Node;

namespace LipSol.Silo.Transcriptions;

/// <summary>What stands behind an answer, the same for a clip and for a stream.</summary>
internal static class Provenances
{
    /// <param name="reading">What was read; of several, the last.</param>
    /// <param name="frames">Frames that were cropped.</param>
    /// <param name="tracked">Of those, really tracked.</param>
    /// <param name="milliseconds">By stage.</param>
    public static Provenance Of(Reading reading, long frames, long tracked, IReadOnlyDictionary<string, double> milliseconds) => new()
    {
        Model = reading.Model,
        Version = reading.Version,
        RunId = reading.RunId,
        DataHash = reading.DataHash,
        CodeVersion = NodeVersion.Text,
        Synthetic = reading.Synthetic,
        Device = reading.Device,
        Node = reading.Node,
        Frames = (int)frames,
        FramesTracked = frames == 0 ? 0 : tracked / (double)frames,
        Decoder = reading.Decoder,
        DecodingSettings = reading.DecodingSettings,
        Milliseconds = milliseconds,
    };
}
