; What the installer says, in the languages of the program. UTF-8.

!macro Words language welcome start_now for_whom why only_me everyone close newer windows10 administrator no_room cannot_write in_use profile reports what on_path mine everyones alone setup
  LangString WELCOME ${LANG_${language}} "${welcome}"
  LangString START_NOW ${LANG_${language}} "${start_now}"
  LangString FOR_WHOM ${LANG_${language}} "${for_whom}"
  LangString FOR_WHOM_WHY ${LANG_${language}} "${why}"
  LangString ONLY_FOR_ME ${LANG_${language}} "${only_me}"
  LangString FOR_EVERYONE ${LANG_${language}} "${everyone}"
  LangString PLEASE_CLOSE ${LANG_${language}} "${close}"
  LangString NEWER_IS_INSTALLED ${LANG_${language}} "${newer}"
  LangString NEEDS_WINDOWS_10 ${LANG_${language}} "${windows10}"
  LangString NEEDS_ADMINISTRATOR ${LANG_${language}} "${administrator}"
  LangString NO_ROOM ${LANG_${language}} "${no_room}"
  LangString CANNOT_WRITE_FILES ${LANG_${language}} "${cannot_write}"
  LangString FILE_IN_USE ${LANG_${language}} "${in_use}"
  LangString CANNOT_USE_PROFILE ${LANG_${language}} "${profile}"
  LangString REMOVE_REPORTS ${LANG_${language}} "${reports}"
  LangString WHAT_IT_IS ${LANG_${language}} "${what}"
  LangString ON_PATH ${LANG_${language}} "${on_path}"
  LangString OTHER_IS_MINE ${LANG_${language}} "${mine}"
  LangString OTHER_IS_EVERYONES ${LANG_${language}} "${everyones}"
  LangString FOR_ME_ALONE ${LANG_${language}} "${alone}"
  LangString SETUP_FILE ${LANG_${language}} "${setup}"
!macroend

!insertmacro Words ENGLISH \
  "natwizard tells you whether this computer, on this network, is ready for the webphone.$\r$\n$\r$\nInstalling takes less than a minute and needs 90 MB. No setting of this computer is changed unasked.$\r$\n$\r$\n$_CLICK" \
  "Start natwizard now" \
  "Who is it for?" \
  "Only the second choice needs an administrator." \
  "Only for me (recommended)" \
  "For everyone who uses this computer" \
  "natwizard is running. Close it, then try again." \
  "A newer version of natwizard is installed. Remove it first if you want this one." \
  "natwizard needs Windows 10 (1809 or newer) or 11, 64-bit; on ARM, Windows 11." \
  "Only an administrator can do this for the whole computer." \
  "There is not enough room on this disk: ${SIZE_KB} KB are needed." \
  "Some files could not be written. Nothing has been changed. Is the disk full, or a file in use?" \
  "Another program has a file of natwizard open: $Held. Nothing has been changed. Close that program, then try again." \
  "The profile or the role cannot be used. Nothing has been changed." \
  "Remove your saved reports, plans and settings as well?" \
  "Is this computer, on this network, ready for the webphone?" \
  "Command prompts find the command natwizard (adds its folder to PATH)" \
  "natwizard $OtherVersion is also installed for you alone, in $Other. It stays. If you do not want both, remove it in Settings, Apps." \
  "natwizard $OtherVersion is already installed for everyone, in $Other. A copy of your own is possible; it takes over the profile of that one." \
  "(only for me)" \
  "natwizard set-up file"

!insertmacro Words GERMAN \
  "natwizard sagt Ihnen, ob dieser Computer in diesem Netz bereit für das Webphone ist.$\r$\n$\r$\nDie Installation dauert weniger als eine Minute und braucht 90 MB. Ungefragt wird keine Einstellung dieses Computers geändert.$\r$\n$\r$\n$_CLICK" \
  "natwizard jetzt starten" \
  "Für wen ist es?" \
  "Nur die zweite Möglichkeit braucht einen Administrator." \
  "Nur für mich (empfohlen)" \
  "Für alle, die diesen Computer benutzen" \
  "natwizard läuft gerade. Schließen Sie es und versuchen Sie es noch einmal." \
  "Eine neuere Version von natwizard ist installiert. Entfernen Sie diese zuerst, wenn Sie die ältere wollen." \
  "natwizard braucht Windows 10 (ab 1809) oder 11, 64 Bit; auf ARM Windows 11." \
  "Für den ganzen Computer kann das nur ein Administrator tun." \
  "Auf diesem Datenträger ist nicht genug Platz: ${SIZE_KB} KB werden gebraucht." \
  "Einige Dateien konnten nicht geschrieben werden. Es wurde nichts geändert. Ist der Datenträger voll oder eine Datei in Benutzung?" \
  "Ein anderes Programm hat eine Datei von natwizard geöffnet: $Held. Es wurde nichts geändert. Schließen Sie dieses Programm und versuchen Sie es noch einmal." \
  "Das Profil oder die Rolle ist nicht brauchbar. Es wurde nichts geändert." \
  "Auch Ihre gespeicherten Berichte, Planungen und Einstellungen entfernen?" \
  "Ist dieser Computer in diesem Netz bereit für das Webphone?" \
  "Eingabeaufforderungen finden den Befehl natwizard (Ordner kommt in PATH)" \
  "natwizard $OtherVersion ist auch für Sie allein installiert, in $Other. Es bleibt. Wenn Sie nicht beide wollen, entfernen Sie es unter Einstellungen, Apps." \
  "natwizard $OtherVersion ist schon für alle installiert, in $Other. Eine eigene Kopie ist möglich; sie übernimmt das Profil von dort." \
  "(nur für mich)" \
  "natwizard-Einrichtungsdatei"

!insertmacro Words FRENCH \
  "natwizard vous dit si cet ordinateur, sur ce réseau, est prêt pour le webphone.$\r$\n$\r$\nL'installation prend moins d'une minute et 90 Mo. Aucun réglage de cet ordinateur n'est modifié sans votre accord.$\r$\n$\r$\n$_CLICK" \
  "Démarrer natwizard maintenant" \
  "Pour qui ?" \
  "Seul le second choix demande un administrateur." \
  "Pour moi seulement (conseillé)" \
  "Pour tous les utilisateurs de cet ordinateur" \
  "natwizard est ouvert. Fermez-le, puis réessayez." \
  "Une version plus récente de natwizard est installée. Retirez-la d'abord si vous voulez celle-ci." \
  "natwizard demande Windows 10 (1809 ou plus récent) ou 11, 64 bits ; sur ARM, Windows 11." \
  "Seul un administrateur peut le faire pour tout l'ordinateur." \
  "Il n'y a pas assez de place sur ce disque : il faut ${SIZE_KB} Ko." \
  "Certains fichiers n'ont pas pu être écrits. Rien n'a été changé. Le disque est-il plein, ou un fichier ouvert ?" \
  "Un autre programme tient ouvert un fichier de natwizard : $Held. Rien n'a été changé. Fermez ce programme, puis réessayez." \
  "Le profil ou le rôle n'est pas utilisable. Rien n'a été changé." \
  "Supprimer aussi vos rapports, plans et réglages enregistrés ?" \
  "Cet ordinateur, sur ce réseau, est-il prêt pour le webphone ?" \
  "Les invites de commandes trouvent natwizard (ajoute son dossier à PATH)" \
  "natwizard $OtherVersion est aussi installé pour vous seul, dans $Other. Il y reste. Si vous n'en voulez qu'un, retirez-le dans Paramètres, Applications." \
  "natwizard $OtherVersion est déjà installé pour tous, dans $Other. Une copie à vous est possible ; elle reprend le profil de celle-là." \
  "(pour moi seulement)" \
  "Fichier de configuration natwizard"

!insertmacro Words SPANISH \
  "natwizard le dice si este equipo, en esta red, está listo para el webphone.$\r$\n$\r$\nLa instalación tarda menos de un minuto y ocupa 90 MB. No se cambia ningún ajuste de este equipo sin preguntarle.$\r$\n$\r$\n$_CLICK" \
  "Iniciar natwizard ahora" \
  "¿Para quién es?" \
  "Solo la segunda opción necesita un administrador." \
  "Solo para mí (recomendado)" \
  "Para todos los que usan este equipo" \
  "natwizard está abierto. Ciérrelo e inténtelo de nuevo." \
  "Hay una versión más nueva de natwizard instalada. Quítela primero si quiere esta." \
  "natwizard necesita Windows 10 (1809 o posterior) u 11 de 64 bits; en ARM, Windows 11." \
  "Solo un administrador puede hacerlo para todo el equipo." \
  "No hay espacio suficiente en este disco: se necesitan ${SIZE_KB} KB." \
  "Algunos archivos no se pudieron escribir. No se ha cambiado nada. ¿Está lleno el disco o hay un archivo en uso?" \
  "Otro programa tiene abierto un archivo de natwizard: $Held. No se ha cambiado nada. Cierre ese programa e inténtelo de nuevo." \
  "El perfil o el rol no se puede usar. No se ha cambiado nada." \
  "¿Quitar también sus informes, planes y ajustes guardados?" \
  "¿Está este equipo, en esta red, listo para el webphone?" \
  "Los símbolos del sistema encuentran natwizard (añade su carpeta a PATH)" \
  "natwizard $OtherVersion también está instalado solo para usted, en $Other. Ahí se queda. Si no quiere ambos, quítelo en Configuración, Aplicaciones." \
  "natwizard $OtherVersion ya está instalado para todos, en $Other. Puede tener una copia propia; toma el perfil de aquella." \
  "(solo para mí)" \
  "Archivo de configuración de natwizard"
