"""Sign-up, log-in and profile."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from catalog.forms import DemographicsForm, SignUpForm
from catalog.leaving import leaving_user
from catalog.models import Rating
from catalog.throttling import note_failure, refusal, too_many_failures
from catalog.views.access import MemberRequest, member_required
from catalog.views.leaving import remember_leaving


class LogIn(LoginView):
    template_name = "accounts/log_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if too_many_failures(request):
            return refusal(request)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        leaving = leaving_user(form.data.get("username", ""), form.data.get("password", ""))
        if leaving:
            remember_leaving(self.request, leaving)
            return redirect("restore-account")
        note_failure(self.request)
        return super().form_invalid(form)


@sensitive_post_parameters("password1", "password2")
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    form, demographics = SignUpForm(request.POST or None), DemographicsForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and demographics.is_valid():
        user = form.save(commit=False)
        DemographicsForm(request.POST, instance=user).save()
        login(request, user)
        return redirect("taste")
    return render(request, "accounts/sign_up.html", {"form": form, "demographics": demographics})


@member_required
def profile(request: MemberRequest) -> HttpResponse:
    form = DemographicsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    context = {"form": form, "rating_count": Rating.objects.of(request.user).count()}
    return render(request, "accounts/profile.html", context)


class ChangePassword(PasswordChangeView):
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("profile")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return answer
