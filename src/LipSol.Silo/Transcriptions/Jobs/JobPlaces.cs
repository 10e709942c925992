using LipSol.Silo.Access;
using LipSol.Silo.Http;

namespace LipSol.Silo.Transcriptions;

/// <summary>The places for clips whose answers are fetched later: the node's, and how many of them one named token may have.</summary>
/// <param name="places">The node's.</param>
/// <param name="ofToken">Those of one named token; 0: all. The node's own token, which is the operator's, may have all.</param>
internal sealed class JobPlaces(int places, int ofToken)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private int all;

    /// <summary>Takes places for clips that came with a token.</summary>
    /// <exception cref="ApiException">There aren't so many; none was taken.</exception>
    public void Take(string token, int clips)
    {
        lock (gate)
        {
            var own = taken.GetValueOrDefault(token);
            if (token != Caller.NodeToken && ofToken > 0 && own + clips > ofToken)
                throw Overloaded($"{own} clips of this token are under way already, and it may have {ofToken}.");
            if (all + clips > places) throw Overloaded($"{all} clips are under way already, and the node takes {places}.");
            taken[token] = own + clips;
            all += clips;
        }
    }

    /// <summary>Gives places back.</summary>
    public void Free(string token, int clips)
    {
        lock (gate)
        {
            all -= clips;
            if ((taken[token] -= clips) == 0) taken.Remove(token);
        }
    }

    private static ApiException Overloaded(string why) => new(StatusCodes.Status429TooManyRequests, "overloaded", why + " Send these again once some of them are done.");
}
