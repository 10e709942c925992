using LipSol.Silo.Http;
using LipSol.Silo.Models;

namespace LipSol.Silo.Transcriptions;

/// <summary>How clips are to be read.</summary>
/// <param name="Model">The model, found already.</param>
/// <param name="Version">The version; null: the one in production.</param>
/// <param name="Start">Start of the word in seconds, where known.</param>
/// <param name="End">End of the word in seconds, where known.</param>
/// <param name="Decoder">What reads a sentence; null: the model's default.</param>
/// <param name="KeepsClip">The mouth clip goes into the artifact store.</param>
/// <param name="Bulk">Nobody waits for it at a connection.</param>
/// <param name="RequestId">What tells this request from others, for the draw of a canary; null: each clip by itself.</param>
/// <param name="Caller">What stays the same for one caller, for a sticky canary.</param>
/// <param name="Owner">The name of the token that the clips came with.</param>
/// <param name="Within">How long after its request came an answer is worth something; null: however late.</param>
internal sealed record ReadingWish(string Model, int? Version, double? Start, double? End, string? Decoder, bool KeepsClip, bool Bulk, string? RequestId, string Caller, string Owner, TimeSpan? Within)
{
    /// <exception cref="ApiException">A field makes no sense, or there's no such model.</exception>
    public static async Task<ReadingWish> OfAsync(ClipUpload upload, bool bulk, ServedModels models, HttpContext context) =>
        new(await models.FindAsync(upload.Model, upload.Version), upload.Version, upload.Start, upload.End, upload.Decoder, upload.KeepsClip, bulk, Callers.RequestIdOf(context), Callers.KeyOf(context), Callers.NameOf(context), upload.Within);
}
