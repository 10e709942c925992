namespace LipSol.Silo.Transcriptions;

/// <summary>How clips are to be read.</summary>
/// <param name="Model">The model, found already.</param>
/// <param name="Version">The version; null: the one in production.</param>
/// <param name="Start">Start of the word in seconds, where known.</param>
/// <param name="End">End of the word in seconds, where known.</param>
/// <param name="Decoder">What reads a sentence; null: the model's default.</param>
/// <param name="KeepsClip">The mouth clip goes into the artifact store.</param>
/// <param name="Bulk">Nobody waits for it at a connection.</param>
internal sealed record ReadingWish(string Model, int? Version, double? Start, double? End, string? Decoder, bool KeepsClip, bool Bulk)
{
    /// <exception cref="Http.ApiException">A field makes no sense, or there's no such model.</exception>
    public static async Task<ReadingWish> OfAsync(ClipUpload upload, bool bulk, IGrainFactory grains) =>
        new(await ServingModels.FindAsync(grains, upload.Model, upload.Version), upload.Version, upload.Start, upload.End, upload.Decoder, upload.KeepsClip, bulk);
}
